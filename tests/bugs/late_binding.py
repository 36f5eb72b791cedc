"""Every button of the menu does the same."""


def make_buttons(labels):
    buttons = []
    for label in labels:
        buttons.append(lambda: "pressed " + label)
    return buttons


def press(buttons, number):
    return buttons[number]()


buttons = make_buttons(["open", "save", "quit"])
result = press(buttons, 0)
assert result == "pressed open", result
