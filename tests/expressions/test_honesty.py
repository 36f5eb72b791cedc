"""What an expression can't know it says; it never answers with something made up."""

from collections.abc import Callable

import pytest

from expressions.recorded_values import Recorder, cut, cut_dict
from tttui.navigation.expressions import (
    ExpressionError,
    NeedsCheckpoint,
    NotBound,
    NotRecorded,
    Unsupported,
    compile_expression,
)
from tttui.store.records import Value

RECORDER = Recorder()


def instance(id_: int, **attributes: object) -> Value:
    return Value("Point", f"<Point {id_}>", id=id_, attributes={name: RECORDER.value(value) for name, value in attributes.items()})


NAMES = {
    "xs": cut("list", [1, 2, 3], 94, [98, 99, 100]),
    "table": cut_dict({"a": 1, "b": 2}, 8),
    "text": Value("str", "'abcdef'…", length=5000, badge="cut"),
    "other_text": Value("str", "'abcxyz'…", length=5000, badge="cut"),
    "number": Value("int", "<int of 99999 bits>", badge="cut"),
    "secret": Value("", "<redacted>", badge="redacted"),
    "deep": Value("list", "[…]", id=7, length=3),
    "point": instance(1, x=1),
    "twin": instance(2, x=1),
    "points": Value("list", "[…]", id=8, length=1, items=(instance(1, x=1),)),
    "by_point": Value("dict", "{…}", id=9, length=1, entries=((instance(1, x=1), RECORDER.value("one")),)),
    "custom": Value("Stack", "Stack([1])", id=10, length=1, items=(RECORDER.value(1),)),
    "stale": Value("list", "[1]", id=11, length=1, items=(RECORDER.value(1),), badge="unchecked"),
    "default": Value("collections.defaultdict", "…", id=12, length=0, entries=()),
    "ordered": Value("collections.OrderedDict", "OrderedDict()", id=16, length=0, entries=()),
    "function": Value("function", "<function f>"),
    "class_": Value("type", "<class 'Point'>", id=13, attributes={"total": RECORDER.value(3)}),
    "where": Value("zoneinfo.ZoneInfo", "zoneinfo.ZoneInfo(key='Europe/Berlin')"),
    "price": Value("decimal.Decimal", "Decimal('12.50')"),
    "vast": Value("decimal.Decimal", "Decimal('1E+999999999')"),
    "third": Value("fractions.Fraction", "Fraction(1, 3)"),
    "moment": Value(
        "datetime.datetime", "datetime.datetime(2024, 7, 5, 0, 30, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))"
    ),
    "hours": Value("datetime.timedelta", "datetime.timedelta(seconds=7200)"),
    "when": Value("datetime.date", "datetime.date(2024, 1, 2)"),
    "iterator": Value("generator", "<generator f>"),
    "error": Value("KeyError", "KeyError('k')", id=14, length=1, items=(RECORDER.value("k"),)),
    "colour": Value("Colour", "<Colour.RED: 1>", id=15, attributes={"_name_": RECORDER.value("RED"), "_value_": RECORDER.value(1)}),
}


def lookup(name: str) -> Value:
    if name not in NAMES:
        raise NotBound(name)
    return NAMES[name]


def text_of(expression: str, expand: Callable[[Value], Value] | None = None) -> str:
    return compile_expression(expression).evaluate(lookup, expand).text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("len(xs)", "100"),
        ("xs[0] + xs[-1]", "101"),
        ("xs[97]", "98"),
        ("xs[:3]", "[1, 2, 3]"),
        ("xs[-2:]", "[99, 100]"),
        ("2 in xs", "True"),
        ("any(x > 2 for x in xs)", "True"),
        ("bool(xs)", "True"),
        ("len(table)", "10"),
        ("table['b']", "2"),
        ("'a' in table", "True"),
        ("table.get('a')", "1"),
        ("len(text)", "5000"),
        ("text == 'abc'", "False"),
        ("text == 'x' * 5000", "False"),
        ("bool(number)", "True"),
        ("len(deep)", "3"),
        ("point == point", "True"),
        ("point is twin", "False"),
        ("point in points", "True"),
        ("twin is points[0]", "False"),
        ("points[0] is point", "True"),
        ("by_point[point]", "'one'"),
        ("point.x", "1"),
        ("class_.total", "3"),
        ("isinstance(point, class_)", "True"),
        ("bool(function)", "True"),
        ("default.get('a', 5)", "5"),
        ("'a' in default", "False"),
        ("repr(when)", "'datetime.date(2024, 1, 2)'"),
        ("when.year + when.weekday()", "2025"),
        ("when < when", "False"),
        ("str(when)", "'2024-01-02'"),
        ("moment - hours", "datetime.datetime(2024, 7, 4, 22, 30, tzinfo=datetime.timezone(datetime.timedelta(seconds=7200)))"),
        ("moment.date() == when", "False"),
        ("moment.utcoffset() == hours", "True"),
        ("hours.total_seconds() / 60", "120.0"),
        ("price > 12 and price == 12.5", "True"),
        ("sorted([price, 1])[0]", "1"),
        ("str(price)", "'12.50'"),
        ("f'{price}'", "'12.50'"),
        ("float(price)", "12.5"),
        ("int(price)", "12"),
        ("price in [1, 12.5]", "True"),
        ("type(price).__name__", "'Decimal'"),
        ("third * 3 == 1", "True"),
        ("third + 1", "Fraction(4, 3)"),
        ("third.denominator", "3"),
        ("vast > 10**6", "True"),
        ("bool(price - 0 if False else price)", "True"),
        ("error.args", "('k',)"),
        ("isinstance(error, LookupError)", "True"),
        ("colour.value", "1"),
        ("id(point)", "1"),
        ("secret is None", None),
    ],
)
def test_what_was_kept_is_enough_for(expression: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(NotRecorded):
            text_of(expression)
    else:
        assert text_of(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "xs[3]",
        "xs[50]",
        "xs[1:5]",
        "sum(xs)",
        "50 in xs",
        "all(x > 0 for x in xs)",
        "xs == [1]",
        "max(xs)",
        "sorted(xs)",
        "xs + []",
        "str(xs)",
        "table['c']",
        "'c' in table",
        "table.get('c')",
        "list(table.values())",
        "dict(table)",
        "table == {}",
        "text[0]",
        "text.upper()",
        "text + 'x'",
        "text == other_text",
        "'%s' % text",
        "f'{text}'",
        "number + 1",
        "number == 5",
        "str(number)",
        "secret",
        "secret == 1",
        "secret.x",
        "not secret",
        "deep[0]",
        "sum(deep)",
        "[x for x in deep]",
        "5 is 5",
        "'a' is 'a'",
        "'-'.join([text])",
        "[text].count('abcdef' * 833 + 'ab')",
    ],
)
def test_what_was_cut_is_not_recorded(expression: str) -> None:
    if expression == "secret":
        assert text_of(expression) == "<redacted>"
        return
    with pytest.raises(NotRecorded) as raised:
        text_of(expression)
    assert raised.value.title.startswith("not recorded: ")


@pytest.mark.parametrize(
    "expression",
    [
        "point == twin",
        "twin in points",
        "twin == 5",
        "point != twin",
        "by_point[twin]",
        "by_point['x']",
        "twin in by_point",
        "by_point.get(twin)",
        "point.y",
        "point.method()",
        "point()",
        "function()",
        "custom[0]",
        "len(custom)",
        "[x for x in custom]",
        "bool(point)",
        "not point",
        "point and 1",
        "point < twin",
        "point + 1",
        "-point",
        "str(point)",
        "f'{point}'",
        "f'{point:>5}'",
        "repr(custom)",
        "'%s' % point",
        "default['missing']",
        "str(default)",
        "str(function)",
        "where.name",
        "price + price",
        "-price",
        "round(price)",
        "f'{price:.2f}'",
        "when.strftime('%B')",
        "sum([price])",
        "next(iterator)",
        "list(iterator)",
        "class_()",
        "class_.method()",
        "isinstance(point, dict)",
        "isinstance(custom, list)",
        "hasattr(point, 'y')",
        "getattr(point, 'y', 0)",
        "list({1, 2})",
        "str({1, 2})",
        "[x for x in {'a', 'b'}]",
        "{point, twin} & {point}",
        "id(5)",
        "ValueError('x')",
        "sorted([point, twin])",
        "[twin].index(point)",
        "{twin: 1}[point]",
        "max(point, twin)",
        "sum([point])",
    ],
)
def test_what_code_of_the_program_decides_needs_a_checkpoint(expression: str) -> None:
    with pytest.raises(NeedsCheckpoint) as raised:
        text_of(expression)
    assert raised.value.title.startswith("needs a checkpoint: ")


@pytest.mark.parametrize("expression", ["xs.append(1)", "table.pop('a')", "table.setdefault('z', 1)", "xs.sort()", "'x'.encode('idna')"])
def test_what_changes_things_is_not_for_expressions(expression: str) -> None:
    with pytest.raises((Unsupported, NotRecorded)):
        text_of(expression)


def test_a_name_that_is_not_bound_says_so() -> None:
    with pytest.raises(NotBound):
        text_of("nope")


@pytest.mark.parametrize(
    "expression", ["print(1)", "open('/etc/passwd')", "__import__('os')", "eval('1')", "globals()", "exec", "vars(point)", "dir()"]
)
def test_a_builtin_that_expressions_do_not_have_says_so(expression: str) -> None:
    with pytest.raises(Unsupported, match="isn't for expressions"):
        text_of(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "().__class__.__bases__",
        "''.__class__.__mro__",
        "(lambda: 0).__globals__",
        "(lambda: 0).__code__",
        "[].__class__.__subclasses__()",
        "'{0.__class__.__mro__}'.format(1)",
        "'{0.__globals__}'.format(len)",
        "len.__self__",
        "int.__subclasses__()",
        "(x for x in [1]).gi_frame",
        "getattr(len, '__self__')",
        "getattr(1, '__class__').__bases__",
        "str.format('{0.real.__class__.__base__}', 1)",
        "type(point).__init__",
        "type(1)(2).__class__.__base__",
        "{}.__class__.fromkeys",
        "xs.__reduce__()",
        "point.__class__.__dict__",
    ],
)
def test_nothing_of_this_process_can_be_reached(expression: str) -> None:
    from tttui.navigation.expressions import EvaluationError

    with pytest.raises(EvaluationError):
        text_of(expression)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a +", 3),
        ("a b", 2),
        ("", None),
        ("x := 1", 2),
        ("  a $", 4),
        ("f(", 1),
        ("a @ b", None),
        ("yield", 0),
        ("await x", 0),
        ("a = 1", 2),
        ("[x async for x in y]", None),
        ("...", 0),
        ("lambda *a: a", 0),
        ("[1 for x.y in z]", 7),
        ("$1.x.$y", 5),
        ("a\n+ b c", None),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, column: int | None) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text)
    if column is not None:
        assert raised.value.column is not None
        assert abs(raised.value.column - column) <= 1


def test_a_value_that_may_have_changed_marks_what_is_computed_from_it() -> None:
    expression = compile_expression("stale[0] + 1")
    assert expression.evaluate(lookup).value.badge == "unchecked"
    assert compile_expression("1 + 1").evaluate(lookup).value.badge is None


def test_a_value_that_was_not_expanded_is_expanded_when_it_is_asked_for() -> None:
    asked: list[Value] = []

    def expand(value: Value) -> Value:
        asked.append(value)
        return Value("list", "[…]", id=7, length=3, items=tuple(map(RECORDER.value, [4, 5, 6])))

    assert text_of("deep[1]", expand) == "5"
    assert len(asked) == 1
    assert text_of("len(deep)", expand) == "3"
    assert len(asked) == 1


def test_dollars_name_pinned_objects_and_stay_text_in_texts() -> None:
    expression = compile_expression("f'{$1} costs $5' + '$2'")
    assert expression.names == ("$1",)
    assert expression.evaluate(lambda name: RECORDER.value({"$1": "tea"}[name])).text == "'tea costs $5$2'"


def test_names_are_those_that_are_read_from_outside() -> None:
    assert compile_expression("[x + y for x in xs if len(x) > z]").names == ("xs", "len", "z", "y")
    assert compile_expression("(lambda a: a + b)(c)").names == ("b", "c")
