"""Why an expression over recorded values has no value. Each says so in one line; none is ever replaced by a guess."""

from tttui.errors import TttuiError


class ExpressionError(TttuiError):
    """The text is no expression, or uses what expressions over recorded values don't have.

    `column` is 0-based, in characters of the text; None where it isn't about one place.
    """

    def __init__(self, what: str, text: str = "", column: int | None = None) -> None:
        place = f" (at column {column + 1})" if column is not None else ""
        super().__init__(f"{what}{place}", text)
        self.column = column


class EvaluationError(TttuiError):
    """Base of what evaluating raises."""


class NotBound(EvaluationError):  # noqa: N818 - it names the answer
    """A name has no value at this moment."""

    def __init__(self, name: str) -> None:
        super().__init__(f"name {name!r} is not bound here")
        self.name = name


class NotRecorded(EvaluationError):  # noqa: N818 - it names the answer
    """The answer depends on what the recording doesn't hold: `reason` says why ("cut by --max-items")."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not recorded: {reason}")
        self.reason = reason


class NeedsCheckpoint(EvaluationError):  # noqa: N818 - it names the answer
    """Only the live object can answer, because code of the program might have a say in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"needs a checkpoint: {reason}")
        self.reason = reason


class Raised(EvaluationError):  # noqa: N818 - it names the answer
    """The expression itself raises, as it would have in the program: `type` is the exception's name."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(f"{type_}: {message}" if message else type_)
        self.type = type_
        self.message = message


class TooMuch(EvaluationError):  # noqa: N818 - it names the answer
    """The evaluation would take more time or memory than one may."""

    def __init__(self, what: str) -> None:
        super().__init__(f"too much for an expression: {what}")


class Unsupported(EvaluationError):  # noqa: N818 - it names the answer
    """The expression asks for something that Python has and expressions don't."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
