def outer():
    value = [1]

    def drop():
        nonlocal value
        del value

    def restore():
        nonlocal value
        value = [2]

    drop()
    try:
        value
    except NameError as error:
        message = str(error)
    restore()
    return value, message


result = outer()
