"""The tests that docs/hazards.md names exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"


def test_each_hazard_has_tests_that_exist() -> None:
    parity = set(re.findall(r"^### (\w+)", "\n".join(path.read_text() for path in (TESTS / "parity/programs").glob("*.txt")), re.MULTILINE))
    rows = re.findall(r"^\| ((?!hazard|---).+?) \| (.+) \|$", (ROOT / "docs/hazards.md").read_text(), re.MULTILINE)
    assert len(rows) > 40
    for hazard, tests in rows:
        names = re.findall(r"`([^`]+)`", tests)
        assert names, hazard
        for name in names:
            if "::" in name:
                file, _, function = name.partition("::")
                assert f"def {function}(" in (TESTS / file).read_text(), name
            else:
                assert name in parity or (TESTS / "programs" / f"{name}.py").exists(), name
