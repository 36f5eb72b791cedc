"""Small random programs, as hypothesis strategies: assignments, containers, aliases, loops, functions, generators, exceptions.

Each program ends by itself after at most a few hundred events, whatever its statements do: every loop runs over a range, functions
call only functions that stand before them, and each risky statement is inside a `try`. The statements are made from a fixed set of
names, so that aliasing, rebinding and changes through another name happen all the time.
"""

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
LISTS = ("xs", "ys", "zs")
DICTS = ("table", "other")
INDENT = "    "

HEADER = """class Box:
    def __init__(self, value):
        self.value = value
        self.items = []

    def put(self, item):
        self.items.append(item)
        self.value = item
        return self


class Small:
    __slots__ = ("left", "right")


def fail(value):
    raise ValueError(value)


def count(limit):
    for number in range(limit):
        got = yield number
        if got:
            yield got


"""

literals = st.one_of(
    st.integers(-(2**70), 2**70).map(repr),
    st.integers(-20, 20).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(max_size=6).map(ascii),
    st.binary(max_size=4).map(repr),
    st.sampled_from(["None", "True", "False", "...", "()", "1j", "range(3)", "frozenset({1, 2})", "slice(1, 2)"]),
)


def expressions() -> st.SearchStrategy[str]:
    """An expression that may raise, but neither runs long nor gets large."""
    simple = st.one_of(literals, st.sampled_from([*NAMES, *LISTS, *DICTS, "box", "box.value", "box.items", "small"]))
    compound = st.one_of(
        st.tuples(simple, simple).map(lambda pair: f"[{pair[0]}, {pair[1]}]"),
        st.tuples(simple, simple).map(lambda pair: f"({pair[0]}, {pair[1]})"),
        st.tuples(literals, simple).map(lambda pair: f"{{{pair[0]!s}: {pair[1]}}}" if pair[0] != "slice(1, 2)" else f"{{1: {pair[1]}}}"),
        st.tuples(simple, simple).map(lambda pair: f"({pair[0]} if {pair[1]} else None)"),
        st.sampled_from(LISTS).map(lambda name: f"list({name})"),
        st.sampled_from(LISTS).map(lambda name: f"[item for item in {name}[:3]]"),
        st.sampled_from(LISTS).map(lambda name: f"{{str(index): item for index, item in enumerate({name}[:3])}}"),
        st.sampled_from(LISTS).map(lambda name: f"len({name})"),
        simple.map(lambda text: f"Box({text})"),
        simple.map(lambda text: f"box.put({text})"),
        st.sampled_from(["Small()", "list(count(2))", "[number * 2 for number in count(2)]", "sorted(map(repr, [3, 1, 2]))"]),
    )
    return st.one_of(simple, compound)


def simple_statements() -> st.SearchStrategy[str]:
    value = expressions()
    name, items, table = st.sampled_from(NAMES), st.sampled_from(LISTS), st.sampled_from(DICTS)
    return st.one_of(
        st.builds("{} = {}".format, name, value),
        st.builds("{} = {} = {}".format, name, name, value),
        st.builds("{}, {} = {}, {}".format, name, name, value, value),
        st.builds("{}.append({})".format, items, value),
        st.builds("{}.extend([{}, {}])".format, items, value, value),
        st.builds("{}.insert(1, {})".format, items, value),
        st.builds("{}[0] = {}".format, items, value),
        st.builds("{}[-1:] = [{}]".format, items, value),
        st.builds("{} = {}".format, items, items),
        st.builds("{} = [{}]".format, items, value),
        st.builds("{} += [{}]".format, items, value),
        st.builds("{}.{}()".format, items, st.sampled_from(["reverse", "pop", "clear"])),
        st.builds("{}.sort(key=repr)".format, st.just("[3, 1, 2]")),
        st.builds("del {}[0]".format, items),
        st.builds("{}[{}] = {}".format, table, literals.filter(lambda text: text != "slice(1, 2)"), value),
        st.builds("{}.update(k={})".format, table, value),
        st.builds("{}.setdefault('list', []).append({})".format, table, value),
        st.builds("{}.pop('k', None)".format, table),
        st.builds("{} = {}".format, table, table),
        st.builds("box = Box({})".format, value),
        st.builds("box.value = {}".format, value),
        st.builds("box.put({})".format, value),
        st.builds("box.items = {}".format, items),
        st.builds("small.left = {}".format, value),
        st.builds("small.right = {}".format, value),
        st.just("small = Small()"),
        st.just("del small.left"),
        st.builds("fail({})".format, value),
        st.builds("{} = {} + {}".format, name, name, value),
        st.builds("del {}".format, name),
    )


def indented(lines: list[str]) -> list[str]:
    return [INDENT + line for line in lines]


def guarded(lines: list[str]) -> list[str]:
    return ["try:", *indented(lines), "except Exception as error:", INDENT + "caught = error"]


def blocks() -> st.SearchStrategy[list[str]]:
    """A few lines that raise nothing."""
    body = st.lists(simple_statements(), min_size=1, max_size=3)
    plain = body.map(guarded)
    return st.one_of(
        plain,
        plain,
        st.builds(lambda count, lines: [f"for turn in range({count}):", *indented(guarded(lines))], st.integers(0, 3), body),
        st.builds(
            lambda value, lines, others: [f"if {value}:", *indented(guarded(lines)), "else:", *indented(guarded(others))],
            expressions(),
            body,
            body,
        ),
        st.builds(
            lambda lines, others: [
                "try:",
                *indented(["try:", *indented(lines), "finally:", *indented(["last = 1"])]),
                "except Exception:",
                *indented(guarded(others)),
            ],
            body,
            body,
        ),
        st.builds(lambda lines: ["source = count(3)", "for step in source:", *indented(guarded(lines))], body),
    )


SETUP = ["a = b = c = d = 0", "xs, ys, zs = [1], [2, 3], []", "table, other = {}, {'k': 1}", "box, small = Box(5), Small()"]


@st.composite
def programs(draw: st.DrawFn) -> str:
    """The text of a program."""
    functions: list[str] = []
    for index in range(draw(st.integers(0, 2))):
        lines = [line for block in draw(st.lists(blocks(), min_size=1, max_size=4)) for line in block]
        functions += [
            f"def function{index}(a=1, *rest, xs=None, **named):",
            *indented(["b, c, d = a, rest, named", *SETUP[1:], *lines, "return xs, box"]),
            "",
            "",
        ]
    main = [line for block in draw(st.lists(blocks(), min_size=2, max_size=8)) for line in block]
    for index in range(2):
        if f"def function{index}(a=1, *rest, xs=None, **named):" in functions:
            main += guarded([f"result{index} = function{index}({draw(expressions())}, {draw(expressions())}, key={draw(expressions())})"])
    return HEADER + "\n".join([*functions, *SETUP, *main]) + "\n"
