def greet(name, greeting="hello", *, mark="!"):
    return f"{greeting} {name}{mark}"


first = greet("ann")
second = greet("bob", "bye")
third = greet("cy", mark="?")
