log = []


def inner():
    try:
        raise ValueError("first")
    except ValueError:
        log.append("log")
        raise


def outer():
    try:
        inner()
    except (TypeError, ValueError) as error:
        log.append(error)
        try:
            raise error
        except ValueError as again:
            return again is error


same = outer()
