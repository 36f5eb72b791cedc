"""Over values that were recorded whole, an expression is what Python makes of it."""

import random
import re
import warnings
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expressions.grammar import Grammar
from expressions.recorded_values import Recorder
from tttui.navigation.expressions import NeedsCheckpoint, NotBound, Raised, Result, TooMuch, Unsupported, compile_expression
from tttui.navigation.texts import LONGEST_SHOWN
from tttui.store.records import Value


class Point:
    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y


POINT = Point(1, 2)
OBJECTS: dict[str, Any] = {
    "i": 5,
    "big": 2**3000,
    "negative": -7,
    "zero": 0,
    "f": 2.5,
    "yes": True,
    "none": None,
    "s": "Hello, wörld",
    "empty": "",
    "data": b"ab\x00",
    "c": 1 + 2j,
    "xs": [3, 1, 2],
    "words": ["pear", "apple", "fig"],
    "nested": [[1, [2, 3]], (4, "five")],
    "t": (1, "a", None),
    "d": {"a": 1, "b": [2, 3], 4: "four", (1, 2): "pair"},
    "st": {1, 2, 3},
    "fz": frozenset({1}),
    "q": deque([1, 2, 3]),
    "count": Counter("abca"),
    "ordered": OrderedDict(b=1, a=2),
    "point": POINT,
    "points": [POINT, Point(3, 4)],
    "r": range(2, 10, 3),
}

EXPRESSIONS = """
i + 1 ;; i - 7.5 ;; i * s ;; s * 2 ;; xs * 2 ;; i / 2 ;; i // 2 ;; -i % 3 ;; i ** 3 ;; 2 ** -1 ;; 0 ** 0 ;; i << 3 ;; i >> 1 ;; i & 4
i | 3 ;; i ^ 3 ;; ~i ;; -f ;; +negative
yes + 1 ;; big + 1 - big ;; big == 2 ** 3000 ;; hex(big % 1000) ;; c * c ;; c.real ;; f.is_integer() ;; (255).bit_length()
(3).to_bytes(2, "big")
i == 5 ;; i == 5.0 ;; i != "5" ;; 1 < i < 10 ;; 1 < i < 3 ;; s < "I" ;; xs < [3, 2] ;; t == (1, "a", None) ;; t is None ;; none is None
yes is True ;; i is not None
not xs ;; not empty ;; i and s ;; zero or "default" ;; none and i.foo ;; [] or xs ;; s if i > 3 else f ;; 1 if empty else 2
xs[0] ;; xs[-1] ;; xs[1:] ;; xs[::-1] ;; s[0] ;; s[-3:] ;; s[::2] ;; data[0] ;; data[1:] ;; t[1] ;; d["a"] ;; d["b"][1] ;; d[4]
d[(1, 2)] ;; nested[0][1][0] ;; q[1] ;; r[1] ;; r[::-1]
xs + [4] ;; t + (2,) ;; s + "!" ;; st | {9} ;; st & {1, 7} ;; st - {1} ;; st ^ {1, 9} ;; d | {"z": 1} ;; fz | st
1 in xs ;; 9 in xs ;; "ell" in s ;; "a" in d ;; "z" in d ;; 4 in d ;; 3 in st ;; 5 in r ;; 5.0 in r ;; 6 not in r ;; b"b" in data
(1, 2) in d ;; [2, 3] in nested[0]
len(xs) ;; len(s) ;; len(d) ;; len(st) ;; len(data) ;; len(r) ;; len(q) ;; len(nested)
sum(xs) ;; sum([0.1] * 10) ;; sum(xs, 10) ;; sum([[1], [2]], []) ;; min(xs) ;; max(words) ;; max(words, key=len) ;; min(xs, default=0)
min([], default=0) ;; max(3, 1, 2)
max([1, 1.0, True]) ;; sorted(xs) ;; sorted(words, key=len, reverse=True) ;; sorted(st) ;; sorted(d, key=str) ;; any(x > 2 for x in xs)
all(xs) ;; all([]) ;; abs(negative) ;; round(f)
round(2.675, 2) ;; round(1234, -2) ;; divmod(17, 5) ;; pow(2, 10) ;; pow(3, 4, 5) ;; bin(10) ;; oct(8) ;; hex(255) ;; chr(228)
ord("a") ;; int("12") ;; int("ff", 16) ;; int(3.9) ;; float("1e3")
str(i) ;; str(xs) ;; str(d) ;; str(t) ;; str(q) ;; str(count) ;; repr(s) ;; repr(nested) ;; repr((1,)) ;; repr([])
repr({}) ;; repr(fz) ;; str(none) ;; ascii(s) ;; str(data) ;; repr(st)
bool(xs) ;; bool(empty) ;; list(s) ;; list(d) ;; tuple(xs) ;; set(xs) ;; frozenset([1]) ;; dict(a=1, **{"b": 2}) ;; dict([(1, 2)])
dict(d) ;; bytes([1, 2]) ;; bytes(3) ;; complex(1, 2) ;; list(r) ;; list(q)
list(enumerate(words)) ;; list(enumerate(words, 1)) ;; list(zip(xs, words)) ;; list(map(str, xs)) ;; list(filter(None, [0, 1, ""]))
list(reversed(xs)) ;; next(iter(xs)) ;; next(iter([]), 7) ;; list(range(3))
[x * 2 for x in xs] ;; [x for x in xs if x > 1] ;; {x: y for x, y in zip(words, xs)} ;; {len(w) for w in words}
[(x, y) for x in xs for y in words if x > 1] ;; sum(x for x in xs) ;; [a for a, *b in [(1, 2, 3)]]
[b for a, *b in [(1, 2, 3)]] ;; [k for k, v in d.items() if v == 1] ;; [[y for y in range(x)] for x in xs]
[x for x in words if x.startswith("a")] ;; (lambda a, b: a * b)(3, 4) ;; sorted(words, key=lambda w: w[-1])
f"{i}" ;; f"{i:>5}|{f:.3f}|{s!r}" ;; f"{xs} and {d}" ;; f"{i:{i}}" ;; f"{s:*^20}" ;; f"{{}}" ;; f"{none}{yes}" ;; "%s is %d" % (s, i)
"" % xs ;; "" % d ;; "" % r ;; "" % st ;; "%s" % xs ;; "%(a)s" % xs ;; b"" % xs ;; "" % q ;; "*" % i ;; b"%r" % xs
iter(i) ;; xs in st ;; st in st ;; zip(xs, i) ;; bytes(yes) ;; bytes(s) ;; format(i, f) ;; s.startswith(d) ;; "{!a}".format(s)
"%5.1f" % f ;; "%(a)s" % d ;; "%r" % (xs,) ;; "{} {0}".format(1) if i < 0 else "{1} {0}".format(i, s)
"{:>4}".format(i) ;; "{0[1]}".format(xs) ;; "{p.x}".format(p=point) ;; "{!r}".format(s) ;; "{d[a]}".format(d=d)
s.upper() ;; s.lower() ;; s.title() ;; s.split() ;; s.split(",") ;; s.replace("l", "L") ;; s.find("o") ;; s.index("o") ;; s.count("l")
s.startswith("He") ;; s.endswith(("d", "x")) ;; s.strip("Hd") ;; s.partition(", ")
"-".join(words) ;; s.encode() ;; s.encode("latin-1") ;; data.decode("latin-1") ;; data.hex() ;; s.center(20, "*") ;; s.zfill(20)
"a\tb".expandtabs(4) ;; s.splitlines() ;; s.isalpha() ;; s.casefold() ;; s.removeprefix("He") ;; s.translate({72: "J"})
xs.count(1) ;; xs.index(2) ;; xs.copy() ;; t.index("a") ;; d.get("a") ;; d.get("z") ;; d.get("z", 3) ;; list(d.keys())
list(d.values()) ;; d.items() if i < 0 else list(d.items()) ;; count["a"] ;; count["zz"] ;; count.most_common(1)
st.union([7]) ;; st.intersection({1}) ;; st.issubset({1, 2, 3, 4}) ;; st.isdisjoint({9}) ;; fz.difference({1}) ;; r.index(5)
r.count(3) ;; (5).conjugate() ;; f.as_integer_ratio() ;; ordered == OrderedDict(a=2, b=1) if i < 0 else ordered["a"]
point.x + point.y ;; points[1].y ;; [p.x for p in points] ;; points[0] is point ;; points[1] is point ;; point == point
points[0] == point ;; {p.x: p for p in points}[1].y ;; sorted(points, key=lambda p: -p.x)[0].x ;; point in points
isinstance(i, int) ;; isinstance(yes, int) ;; isinstance(i, (str, float)) ;; isinstance(xs, list) ;; isinstance(d, object)
type(i).__name__ ;; type(xs) is list ;; type(i) == type(f) ;; isinstance(count, dict) ;; isinstance(t, tuple)
getattr(point, "x") ;; hasattr(point, "x") ;; i.real ;; i.numerator ;; getattr(i, "nope", 4) ;; hasattr(s, "upper")
hasattr(i, "nope") ;; i.__class__.__name__ ;; [*xs, *t] ;; {**d, "z": 1} ;; (*xs,) ;; max(*xs) ;; dict(zip("ab", xs))
xs[i:"a"] ;; d["a":"b"] ;; st[1:2] ;; i[1:2] ;; q[0:1] ;; d.items()[0] ;; d.values()[:1] ;; d.items() + [] ;; d.values() == d.values()
d.items() == d.items() ;; d.items() < [] ;; repr(d.items()) ;; str(d.values()) ;; ordered.items() ;; ordered.values() ;; len(d.items())
d.items().index(1) ;; type(d.items()).__name__ ;; type(ordered.values()).__name__ ;; getattr(i, 5) ;; hasattr(i, None) ;; isinstance(i, "int")
isinstance(i, ("a", int)) ;; str(xs, "utf-8") ;; str(s, "utf-8") ;; str(data, "latin-1") ;; bytes(xs, "utf-8") ;; bytes(3, 4) ;; bytes(s, "utf-8")
[x for x in xs for xs in [[x]] for x in xs] ;; [i for i in xs] + [i] ;; {i: s for i, s in enumerate(words)} ;; (lambda i: [i for i in [i]])(s)
[[i for i in xs if i > f] for f in xs] ;; sorted(xs, key=lambda i: (lambda s: -s)(i)) ;; -xs ;; ~f ;; +s
xs == [3, 1, 2] ;; xs == (3, 1, 2) ;; st == {1, 2, 3} ;; d == {"a": 1} ;; nested == [[1, [2, 3]], (4, "five")]
q == deque([1]) if i < 0 else list(q) == [1, 2, 3] ;; count == {"a": 2, "b": 1, "c": 1} ;; t < (1, "b") ;; none == 0 ;; i != i
"""


def every_expression() -> list[str]:
    return [piece.strip() for line in EXPRESSIONS.strip().splitlines() for piece in line.split(" ;; ")]


RECORDER = Recorder()
VALUES = {name: RECORDER.value(thing) for name, thing in OBJECTS.items()}


def among(names: dict[str, Value]) -> Callable[[str], Value]:
    def lookup(name: str) -> Value:
        if name not in names:
            raise NotBound(name)
        return names[name]

    return lookup


def evaluate(text: str) -> Result:
    return compile_expression(text).evaluate(among(VALUES))


def python(text: str) -> Any:
    names = {**OBJECTS, "deque": deque, "OrderedDict": OrderedDict}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(text, names)


@pytest.mark.parametrize("text", every_expression())
def test_an_expression_is_what_python_makes_of_it(text: str) -> None:
    try:
        expected = python(text)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        wrong = type(error).__name__
    else:
        wrong = ""
    if wrong:
        with pytest.raises(Raised) as raised:
            evaluate(text)
        assert raised.value.type == wrong
        return
    result = evaluate(text)
    if isinstance(expected, Point):
        assert result.value.id == RECORDER.value(expected).id
        return
    assert result.truth() == bool(expected)
    assert_same(result.value, expected)


def assert_same(value: Value, expected: Any) -> None:
    if isinstance(expected, list | tuple | deque):
        assert value.type.rpartition(".")[2] == type(expected).__name__
        assert value.items is not None
        assert value.length == len(expected)
        for item, one in zip(value.items, expected, strict=True):
            assert_same(item, one)
    elif isinstance(expected, KeysView | ItemsView | ValuesView):
        assert value.type == type(expected).__name__
        assert value.length == len(expected)
    elif isinstance(expected, dict):
        assert value.entries is not None
        for (key, item), (one, other) in zip(value.entries, expected.items(), strict=True):
            assert_same(key, one)
            assert_same(item, other)
    elif isinstance(expected, set | frozenset):
        assert value.items is not None
        assert {item.text for item in value.items} == {repr(one) for one in expected}
    elif isinstance(expected, Point):
        assert value.id == RECORDER.value(expected).id
    else:
        assert value.type == type(expected).__name__
        assert value.text == shown(expected)
        assert (value.badge == "cut") == value.text.endswith("…")


def shown(thing: Any) -> str:
    """How a computed value is shown: long integers as the recording has them, and no more than fits."""
    text = hex(thing) if isinstance(thing, int) and thing.bit_length() > 2000 else repr(thing)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.binary(max_size=20)
THINGS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(THINGS, THINGS)
def test_things_compare_and_show_themselves_as_in_python(one: Any, two: Any) -> None:
    recorder = Recorder()
    names = {"one": recorder.value(one), "two": recorder.value(two)}

    def answer(text: str) -> str:
        return compile_expression(text).evaluate(among(names)).text

    assert answer("one == two") == repr(one == two)
    assert answer("one == one") == "True"
    assert answer("repr(one) == " + repr(repr(one))) == "True"
    assert answer("bool(one)") == repr(bool(one))
    assert answer("[one, two].count(one)") == repr([one, two].count(one))
    assert answer("one in [two]") == repr(one == two)


@pytest.mark.parametrize(
    "text",
    ["xs[i:'a']", "d['a':'b']", "st[1:2]", "i[1:2]", "-xs", "~f", "'%d' % xs", "'%x' % (d,)", "'%i' % [1]", "'%d' % s", "getattr(i, xs)"],
)
def test_what_an_expression_raises_has_pythons_text(text: str) -> None:
    with pytest.raises((TypeError, LookupError)) as expected:
        python(text)
    with pytest.raises(Raised) as raised:
        evaluate(text)
    assert str(raised.value) == f"{type(expected.value).__name__}: {expected.value}"


@given(st.randoms(use_true_random=False))
def test_a_random_expression_is_what_python_makes_of_it_or_nothing(chance: random.Random) -> None:
    text = Grammar(chance, [name for name in OBJECTS if name != "big"]).expression(3)
    try:
        expected = python(text)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        expected = type(error)
    try:
        result = evaluate(text)
    except (Unsupported, NeedsCheckpoint, TooMuch):
        return
    except Raised as error:
        raised = error.type
    else:
        if not isinstance(expected, Iterator):  # of which the text has an address
            assert_same(result.value, expected)
        return
    assert raised == expected.__name__


OPERATORS = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "==", "<", "and", "or", "in", "is not"])


@given(SCALARS | st.lists(st.integers(), max_size=3), OPERATORS, SCALARS | st.lists(st.integers(), max_size=3))
def test_an_operator_gives_or_raises_what_it_does_in_python(one: Any, symbol: str, two: Any) -> None:
    if symbol in ("**", "<<", "*") and any(isinstance(number, int | float) and abs(number) > 1000 for number in (one, two)):
        return
    recorder = Recorder()
    names = {"one": recorder.value(one), "two": recorder.value(two)}
    expression = compile_expression(f"one {symbol} two")
    if symbol == "is not" and one is not None and two is not None:
        return
    try:
        expected = shown(eval(f"one {symbol} two", {"one": one, "two": two}))
    except (ArithmeticError, TypeError, ValueError) as error:
        wrong = type(error).__name__
    else:
        wrong = ""
    if symbol == "%" and isinstance(one, str | bytes) and re.search("%.*[*]", repr(one)):
        with pytest.raises(Unsupported):
            expression.evaluate(among(names))
        return
    if wrong:
        with pytest.raises(Raised) as raised:
            expression.evaluate(among(names))
        assert raised.value.type == wrong
        return
    result = expression.evaluate(among(names))
    if result.value.id is None and result.value.type != "list":
        assert result.text == expected
        assert (result.value.badge == "cut") == expected.endswith("…")
