"""Expressions in Python's syntax over recorded values: watches, conditions, what `print` shows.

Nothing of the program runs and nothing of this process can be reached: the text is parsed, checked against a
list of what is allowed, and walked node by node. Values are those of the recording or computed from them;
where that can't be done the evaluation ends in one of `expression_errors`, never in an invented value.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tttui.navigation.evaluator import Evaluator
from tttui.navigation.expression_errors import (
    EvaluationError,
    ExpressionError,
    NeedsCheckpoint,
    NotBound,
    NotRecorded,
    Raised,
    TooMuch,
    Unsupported,
)
from tttui.navigation.operands import Session
from tttui.navigation.operations import truth
from tttui.navigation.scalar_predicates import ScalarPredicate, compile_predicate
from tttui.navigation.syntax import free_names, parse
from tttui.navigation.texts import shown_text, to_value
from tttui.store.records import PythonVersion, Value

__all__ = [
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Lookup",
    "NeedsCheckpoint",
    "NotBound",
    "NotRecorded",
    "Raised",
    "Result",
    "ScalarPredicate",
    "TooMuch",
    "Unsupported",
    "compile_expression",
]

Lookup = Callable[[str], Value]
"""Gives the recorded value of a name (``x``, or ``$1``, ``$returned`` and the like), or raises `NotBound`."""

Expand = Callable[[Value], Value]
"""Gives the same object at the same moment with what it holds: for values that a lookup gave without (see `Value`)."""


# Exceptions that an operation on recorded values may raise as it would have in the program.
_OF_THE_PROGRAM: Final = (ArithmeticError, AttributeError, LookupError, StopIteration, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Result:
    """What an expression is at a moment."""

    value: Value
    """In the form of recorded values: itself one where the expression leads to one, else put together without an id."""
    _truth: Callable[[], bool]

    @property
    def text(self) -> str:
        return self.value.text

    def to_json(self) -> dict[str, Any]:
        """The value in the form of the JSON contract."""
        return self.value.to_json()

    def truth(self) -> bool:
        """Whether it counts as true; `EvaluationError` where only the program could tell."""
        return self._truth()


class Expression:
    """A checked expression; evaluate it at as many moments as wanted."""

    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text = text
        self._tree = tree
        self.names: tuple[str, ...] = free_names(tree)
        """Names that it reads, in the order of their first use, builtins like ``len`` included: they may be shadowed."""

    def __repr__(self) -> str:
        return f"<Expression {self.text!r}>"

    def evaluate(self, lookup: Lookup, expand: Expand | None = None, python: PythonVersion = sys.version_info[:2]) -> Result:
        """Its value where `lookup` gives the names, on a version of Python; raises `EvaluationError`."""
        session = Session(lookup, expand, python)
        with _as_evaluation_errors():
            operand = Evaluator(session).value(self._tree, {})
            value = to_value(operand, unchecked=session.unchecked)

        def counts() -> bool:
            with _as_evaluation_errors():
                return truth(operand, session)

        return Result(value, counts)

    def scalar_predicate(self) -> ScalarPredicate | None:
        """Its truth as a function of scalars for tight loops; None where it needs more than that."""
        return compile_predicate(self._tree)


def compile_expression(text: str) -> Expression:
    """Check an expression; raises `ExpressionError` with the column where it can't be one."""
    return Expression(text, parse(text))


@contextmanager
def _as_evaluation_errors() -> Iterator[None]:
    """What goes wrong in an evaluation, in one of the ways that are known."""
    try:
        yield
    except EvaluationError:
        raise
    except ExpressionError as error:
        raise Unsupported(error.title) from None
    except (RecursionError, MemoryError):
        raise TooMuch("it is nested too deeply, or too large") from None
    except KeyError as error:
        raise Raised("KeyError", shown_text(error.args[0]) if error.args else "") from None
    except _OF_THE_PROGRAM as error:
        raise Raised(type(error).__name__, str(error)) from None
