log = []


def overrides():
    try:
        return "try"
    finally:
        return "finally"


def passes():
    try:
        raise ValueError("through")
    finally:
        log.append("cleanup")


def loops():
    for number in range(3):
        try:
            if number == 1:
                continue
            if number == 2:
                break
        finally:
            log.append(number)
    return number


def nested():
    try:
        try:
            raise KeyError("inner")
        finally:
            log.append("first")
    except KeyError:
        log.append("caught")
    else:
        log.append("never")
    finally:
        log.append("last")


first = overrides()
try:
    passes()
except ValueError:
    log.append("outside")
second = loops()
nested()
