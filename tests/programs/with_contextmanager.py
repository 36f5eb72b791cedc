from contextlib import ExitStack, contextmanager, suppress

log = []


@contextmanager
def tag(name):
    log.append("open " + name)
    try:
        yield name.upper()
    except KeyError:
        log.append("swallowed")
    finally:
        log.append("close " + name)


with tag("a") as upper:
    inner = upper
with tag("b"):
    raise KeyError("x")
with suppress(ZeroDivisionError):
    bad = 1 / 0
with ExitStack() as stack:
    names = [stack.enter_context(tag(name)) for name in "xy"]
