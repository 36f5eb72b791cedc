import re

state = {"value": 0, "stack": []}


def push(number):
    state["stack"].append(state["value"])
    state["value"] = number


def pop():
    state["value"] = state["stack"].pop()


commands = {"push": push, "pop": pop}
for command, *arguments in (("push", 1), ("push", 2), ("pop",), ("push", 3)):
    commands[command](*arguments)


class Slotted:
    __slots__ = ("number",)


changes = {
    "upper": str.upper,
    "add": int.__add__,
    "keys": dict.fromkeys,
    "own": dict.__dict__["fromkeys"],
    "match": re.compile("b").match,
    "number": Slotted.number,
    "real": int.real,
}
changes["lower"] = str.lower
text = changes["lower"](changes["upper"]("b"))
found = changes["match"](text)
