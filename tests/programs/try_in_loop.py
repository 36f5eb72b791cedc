results = []
for value in ("1", "x", "2", None):
    try:
        number = int(value)
    except ValueError:
        results.append("bad")
        continue
    except TypeError as error:
        results.append(error)
        break
    else:
        results.append(number)
    finally:
        results.append("finally")
