# oracle: unchecked
namespace = {"base": 10}
exec("value = base * 2\ndef made(number):\n    return number + base\n", namespace)
result = namespace["made"](5)
evaluated = eval("result + 1")
compiled = compile("total = sum([1, 2, 3])\n", "<made up>", "exec")
exec(compiled)
inside = {}
exec("a = 1\nb = a + 1", {"__builtins__": {}}, inside)
twice = [eval("number * 2") for number in (1, 2)]
