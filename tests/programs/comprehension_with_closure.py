def make():
    functions = [lambda: number for number in range(3)]
    adders = [(lambda base: lambda extra: base + extra)(base) for base in (10, 20)]
    return [function() for function in functions], [adder(1) for adder in adders]


result = make()
