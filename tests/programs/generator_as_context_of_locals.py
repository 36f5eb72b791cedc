def machine():
    state = {"n": 0}
    history = []
    while True:
        command = yield dict(state)
        history.append(command)
        if command == "stop":
            return history
        state["n"] += len(command)


m = machine()
next(m)
first = m.send("abc")
second = m.send("de")
first["n"] = "a copy"
try:
    m.send("stop")
except StopIteration as stop:
    history = stop.value
