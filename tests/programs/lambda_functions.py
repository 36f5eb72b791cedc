double = lambda number: number * 2
add = lambda first, second=10: first + second
results = [double(2), add(1), add(1, 2), (lambda: "now")()]
table = {"square": lambda number: number**2}
squared = table["square"](5)
