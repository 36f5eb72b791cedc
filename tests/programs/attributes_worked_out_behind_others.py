"""What a library works out where an attribute is read, of objects to which no variable of the line leads by attributes alone."""

from libraries.keeping import Lazy


class Box:
    pass


def closure():
    lazy = Lazy()
    def inner():
        text = lazy.text
        after = text
        return after
    inner()
    after = 0
    return lazy


def item():
    rows = [Lazy()]
    text = rows[0].text
    after = text


def key():
    rows = {"a": Lazy()}
    text = rows["a"].text
    after = text


def comprehension():
    rows = [Lazy(), Lazy()]
    texts = [row.text for row in rows]
    after = texts


def generator():
    rows = [Lazy(), Lazy()]
    texts = list(row.text for row in rows)
    after = texts


def result():
    lazy = Lazy()
    def get():
        return lazy
    text = get().text
    after = text
    return lazy


def formatted():
    lazy = Lazy()
    text = f"{lazy.text}"
    after = text


def pattern():
    lazy = Lazy()
    match lazy:
        case Lazy(text="text"):
            after = 1
    after = 2


def deep():
    box = Box()
    box.rows = [Lazy()]
    text = box.rows[0].text
    after = text


def class_attribute():
    Box.lazy = Lazy()
    text = Box.lazy.text
    after = text
    return Box


for function in (closure, item, key, comprehension, generator, result, formatted, pattern, deep, class_attribute):
    function()
