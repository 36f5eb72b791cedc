"""A name comes out garbled."""


def store(name):
    return name.encode("utf-8")


def load(data):
    return data.decode("latin-1")


def round_trip(name):
    data = store(name)
    return load(data)


name = round_trip("Zoë")
assert name == "Zoë", name
