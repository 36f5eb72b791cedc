def show(value, extra=None):
    local = [value]
    if extra:
        local.append(extra)
    return local


for number in range(5):
    result = show(number)
    result = show(str(number), extra=number)
