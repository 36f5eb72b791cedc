def run():
    seen = []
    try:
        raise ExceptionGroup("many", [ValueError(1), TypeError(2), ExceptionGroup("inner", [ValueError(3), KeyError(4)])])
    except* ValueError as group:
        seen.append(len(group.exceptions))
    except* TypeError as group:
        seen.append(group.message)
    except* KeyError:
        seen.append("key")
    return seen


result = run()
try:
    try:
        raise ExceptionGroup("left", [OSError("a"), ValueError("b")])
    except* OSError:
        pass
except ExceptionGroup as rest:
    left = rest.exceptions
