counter = 0
names = []


def bump(name):
    global counter, created
    counter += 1
    names.append(name)
    created = name * 2


bump("a")
bump("b")
globals()["made"] = 5
made += 1
