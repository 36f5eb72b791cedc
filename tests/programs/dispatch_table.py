state = {"value": 0, "stack": []}


def push(number):
    state["stack"].append(state["value"])
    state["value"] = number


def pop():
    state["value"] = state["stack"].pop()


commands = {"push": push, "pop": pop}
for command, *arguments in (("push", 1), ("push", 2), ("pop",), ("push", 3)):
    commands[command](*arguments)
