# oracle: unchecked
results = []
for number in (1, 2):
    scope = {}
    exec(f"def same():\n    value = {number}\n    return value * 10\n", scope)
    results.append(scope["same"]())
