value = 5
other = value
del value
try:
    value
except NameError:
    value = "again"


def local(flag):
    thing = [flag]
    if flag:
        del thing
    try:
        return thing
    except UnboundLocalError:
        thing = "none"
    return thing


results = [local(True), local(False)]
