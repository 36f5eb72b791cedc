def make(prefix, items):
    items.append(prefix)

    def show():
        return prefix + items[-1]

    prefix = prefix.upper()
    return show


text = make("a", ["z"])()
