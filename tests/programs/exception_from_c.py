caught = []
for text, expression in [
    ("index", lambda: [][0]),
    ("key", lambda: {}["k"]),
    ("type", lambda: 1 + "a"),
    ("attribute", lambda: (1).missing),
    ("value", lambda: int("z")),
    ("unicode", lambda: b"\xff".decode("utf-8")),
    ("overflow", lambda: 2.0**10000),
    ("stop", lambda: next(iter([]))),
    ("name", lambda: undefined_name),
    ("import", lambda: __import__("no_such_module_at_all")),
]:
    try:
        expression()
    except Exception as error:
        caught.append((text, type(error).__name__))
