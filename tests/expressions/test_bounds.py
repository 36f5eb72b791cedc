"""No expression takes long, grows large or takes the process down."""

import time

import pytest

from expressions.recorded_values import Recorder
from tttui.navigation import operands
from tttui.navigation.expressions import EvaluationError, ExpressionError, NotBound, Raised, TooMuch, compile_expression
from tttui.store.records import Value

NAMES = {
    "vast": Value("decimal.Decimal", "Decimal('1E+999999999')"),
    "third": Value("fractions.Fraction", "Fraction(1, 3)"),
    "s": Recorder().value("x" * 1000),
    "xs": Recorder().value(list(range(500))),
    "i": Recorder().value(7),
}


def lookup(name: str) -> Value:
    if name not in NAMES:
        raise NotBound(name)
    return NAMES[name]


HOSTILE = [
    "int(vast)",
    "f'{vast:f}'",
    "'%d' % vast",
    "'%f' % vast",
    "float(vast)",
    "str(vast)",
    "[vast == 1, hash(vast)]",
    "{vast: 1}[vast]",
    "third ** 10 ** 9",
    "third * 10 ** 10 ** 10",
    "round(third, 10 ** 9)",
    "vast in range(10 ** 12)",
    "'a' * 10**9",
    "[0] * 10**9",
    "10**9 * [0]",
    "9**9**9",
    "2**-(10**9) + 9**9**9",
    "1 << 10**10",
    "(1 << 60000) * (1 << 60000) * (1 << 60000)",
    "sum(range(10**12))",
    "[x for x in range(10**12)]",
    "list(range(10**12))",
    "max(range(10**12))",
    "5.5 in range(10**12)",
    "tuple(range(10**10))",
    "[0 for a in range(10**5) for b in range(10**5)]",
    "sorted(range(10**9))",
    "set(range(10**9))",
    "bytes(10**12)",
    "'x'.center(10**10)",
    "'x'.ljust(10**10)",
    "'x'.zfill(10**10)",
    "'\\t'.expandtabs(10**10)",
    "b'x'.rjust(10**10)",
    "f'{i:1000000000}'",
    "f'{1.5:.1000000000}'",
    "format(i, '>1000000000')",
    "'{:>1000000000}'.format(i)",
    "'%1000000000d' % i",
    "'%.1000000000f' % 1.5",
    "(1).to_bytes(10**12, 'big')",
    "s.replace('', s * 900)",
    "s.replace('x', s * 1000)",
    "(s * 1000).replace('x', s)",
    "(s * 900).join([s] * 1000)",
    "''.join([s * 900] * 100000)",
    "str([s * 900] * 100000)",
    "'%s' * 1000 % tuple([s * 900] * 1000)",
    "'{0}' * 1000 + s * 999",
    "('{0}' * 100000).format(s)",
    "round(5, -10**12)",
    "pow(3, 1 << 60000, (1 << 60000) + 1)",
    "s.translate({120: s * 1000})",
    "[[[[s] * 1000] * 1000] * 1000] * 1000 == 0 or str([[[[s] * 1000] * 1000] * 1000])",
    "[c == d for a in [[[1] * 2]] for b in [[a, a]] for c in [[b, b]] for d in [[b, b]]] and " * 20 + "1",
    "(lambda f: f(f))(lambda f: f(f))",
    "list(map(lambda x: list(range(x)), range(10**6)))",
    "sum([[1] * 1000 for x in range(1000)], []) * 1000",
    "int('9' * 100000)",
    "str(10 ** 20000)",
    "f'{10 ** 20000}'",
    "next(x for x in range(10**12) if x < 0)",
    "any(x < 0 for x in range(10**12))",
    "list(zip(range(10**12)))",
    "dict(enumerate(range(10**12)))",
    "[*range(10**12)]",
    "{x: x for x in range(10**12)}",
    "bytes(range(10**12))",
    "' ' * 10**6 * 10",
    "range(10**30)[10**29:] == range(10**12) and list(range(10**30))",
    "xs.count(1) + sum(xs.count(x) for x in range(10**6))",
    "sorted(xs * 2000, key=lambda x: [x] * 100)",
    "{(x, y, z) for x in xs for y in xs for z in xs}",
    "hash((1,) * 10**6)",
    "min(map(list, [range(10**6)] * 100))",
    "[a for a in [0] for b in [" + "[" * 60 + "]" * 60 + "] for c in [b == b]]",
    "max(s * 1000 for x in range(10**6))",
    "(-1) ** 0.5 ** 10 ** 10 ** 10",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:40] for text in HOSTILE])
def test_an_expression_is_bounded(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # A fifth of what is allowed: that it is bounded at all can be seen sooner.
    monkeypatch.setattr(operands, "MOST_STEPS", operands.MOST_STEPS // 5)
    monkeypatch.setattr(operands, "MOST_SECONDS", operands.MOST_SECONDS / 5)
    started = time.process_time()
    try:
        result = compile_expression(text).evaluate(lookup)
    except (EvaluationError, ExpressionError):
        pass
    else:
        assert len(result.text) < 10_000
    assert time.process_time() - started < 4


@pytest.mark.parametrize("text", ["'a' * 10**9", "9**9**9", "list(range(10**12))", "f'{i:1000000000}'"])
def test_what_is_too_much_says_so(text: str) -> None:
    with pytest.raises(TooMuch):
        compile_expression(text).evaluate(lookup)


@pytest.mark.parametrize(
    "text", ["(" * 5000 + ")" * 5000, "-" * 20000 + "1", "1" + "+1" * 3000, "[" * 90 + "]" * 90, "x" * 20000, "a\x00b", "'\ud800' +"]
)
def test_what_is_nested_or_long_without_end_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(text)


def test_structures_that_share_their_parts_are_compared_in_bounded_time() -> None:
    doubled = "[1]"
    for name in "abcdefghijklmnopqrstuvwxyz":
        doubled = f"[{name} for {name} in [[{doubled}, {doubled}]]][0]" if len(doubled) < 3000 else doubled
    started = time.process_time()
    text = f"{doubled} == {doubled}"
    try:
        compile_expression(text).evaluate(lookup)
    except (EvaluationError, ExpressionError):
        pass
    assert time.process_time() - started < 8


def test_an_exception_of_the_expression_is_told_as_the_program_would_have_had_it() -> None:
    for text, expected in [("1 / 0", "ZeroDivisionError"), ("xs[1000]", "IndexError"), ("{}['k']", "KeyError"), ("int('x')", "ValueError")]:
        with pytest.raises(Raised) as raised:
            compile_expression(text).evaluate(lookup)
        assert raised.value.type == expected
