"""Run one of CPython's own test modules: `run_module.py OUTPUT MODULE`; the output is JSON, outcome by test.

The module runs in the process that is recorded, and says nothing on the terminal itself.
"""

import io
import json
import sys
import unittest
from types import TracebackType

Error = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
"""What `unittest` gives of an exception."""


class Outcomes(unittest.TestResult):
    """Notes how each test ended."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def note(self, test: unittest.TestCase, outcome: str) -> None:
        self.found[test.id()] = outcome

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.found.setdefault(test.id(), "ok")

    def addError(self, test: unittest.TestCase, error: Error) -> None:
        self.note(test, f"error {type(error[1]).__name__}: {error[1]}"[:300])

    def addFailure(self, test: unittest.TestCase, error: Error) -> None:
        self.note(test, f"failure: {error[1]}"[:300])

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, error: Error | None) -> None:
        if error is not None:
            self.note(subtest, f"failure: {error[1]}"[:300])

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.note(test, f"skipped: {reason}")

    def addExpectedFailure(self, test: unittest.TestCase, error: Error) -> None:
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self.note(test, "unexpected success")


def main(output: str, module: str) -> None:
    from test import support  # type: ignore[import-not-found, unused-ignore]  # not every installation has it

    support.use_resources = {}
    outcomes = Outcomes()
    suite = unittest.defaultTestLoader.loadTestsFromName(module)
    kept, sys.stderr = sys.stderr, io.StringIO()
    try:
        suite.run(outcomes)
    finally:
        sys.stderr = kept
    with open(output, "w", encoding="utf-8") as file:
        json.dump(outcomes.found, file, indent=1, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
