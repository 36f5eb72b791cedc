class Listener:
    def __init__(self):
        self.heard = []

    def on(self, event):
        self.heard.append(event)
        return len(self.heard)


def emit(listeners, event):
    return [listener(event) for listener in listeners]


first, second = Listener(), Listener()
emit([first.on, second.on, first.heard.append], "start")
sizes = list(map(first.on, ["a", "b"]))
sorted([2, 1], key=second.on)
