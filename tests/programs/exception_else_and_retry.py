attempts = 0


def flaky():
    global attempts
    attempts += 1
    if attempts < 3:
        raise ConnectionError(attempts)
    return "ok"


def retry(times):
    errors = []
    for attempt in range(times):
        try:
            value = flaky()
        except ConnectionError as error:
            errors.append(error)
        else:
            return value, errors
    return None


result = retry(5)
