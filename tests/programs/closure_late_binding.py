def make():
    functions = []
    for index in range(3):
        functions.append(lambda: index)
    results = [function() for function in functions]
    return results


late = make()
early = [function() for function in [lambda index=index: index for index in range(3)]]
