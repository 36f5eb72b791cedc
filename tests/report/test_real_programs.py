"""Reports on programs that were recorded by the real recorder, as a user would."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from report.commands import PYTHON_CODE, WHEN_ASKED, tttui

ROOT = Path(__file__).parents[2]

PROGRAM = """\
class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"only {self.balance}")
        self.balance -= amount
        return self.balance


def work(account, amounts):
    done = []
    for amount in amounts:
        try:
            done.append(account.withdraw(amount))
        except ValueError:
            done.append(None)
    return done


def counter():
    total = 0

    def add(number):
        nonlocal total
        total += number
        return total

    return add


account = Account("ann", 100)
print(work(account, [10, 200, 30]))
add = counter()
add(3)
add(4)
account.withdraw(10**6)
"""


def line_of(text: str) -> int:
    return PROGRAM.splitlines().index(text) + 1


def record(directory: Path, program: str) -> Path:
    """Record a program; skip where this environment has no recorder installed."""
    (directory / "program.py").write_text(program)
    command = [sys.executable, "-m", "tttui", "record", "-o", "run.db", "program.py"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if "did not run" in done.stderr or "No module named" in done.stderr:
        pytest.skip("tttui is not installed in this environment")
    return directory / "run.db"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("bank"), PROGRAM)


def rows(path: Path, sql: str) -> list[dict[str, Any]]:
    ended = tttui("query", path, sql, "--json")
    assert ended.exit_code == 0, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


def test_info(bank: Path) -> None:
    found = json.loads(tttui("info", bank, "--json").stdout)
    assert (found["ended"], found["exit_code"], found["lost"]) == ("exception", 1, 0)
    assert found["exception"]["type"] == "ValueError"
    assert found["calls"] == 11
    assert found["command"][-1] == "program.py"


def test_the_raise_that_ended_it(bank: Path) -> None:
    found = json.loads(tttui("show", bank, "--at", "exception", "--json").stdout)
    assert (found["kind"], found["function"]) == ("raise", "Account.withdraw")
    assert found["line"] == line_of('            raise ValueError(f"only {self.balance}")')
    assert found["source"] == '            raise ValueError(f"only {self.balance}")'
    assert [frame["function"] for frame in found["stack"]] == ["<module>", "Account.withdraw"]
    variables = found["stack"][-1]["locals"]
    assert variables["amount"] == {"type": "int", "text": "1000000"}
    assert {name: value["text"] for name, value in variables["self"]["attributes"].items()} == {"owner": "'ann'", "balance": "60"}
    caller = found["stack"][0]
    assert (caller["line"], caller["column"], caller["end_column"]) == (line_of("account.withdraw(10**6)"), 0, 23)
    assert found["exception"]["text"] == "ValueError('only 60')"


def test_calls(bank: Path) -> None:
    found = rows(
        bank,
        "select function, caller_function, caller_line, arguments, result, exception, ended from calls where function like '%withdraw'",
    )
    assert [call["result"] for call in found] == [90, None, 60, None]
    assert [call["exception"] for call in found] == [None, "ValueError: only 90", None, "ValueError: only 60"]
    assert [json.loads(call["arguments"])["amount"] for call in found] == [10, 200, 30, 10**6]
    assert {call["caller_line"] for call in found} == {
        line_of("            done.append(account.withdraw(amount))"),
        line_of("account.withdraw(10**6)"),
    }


def test_changes_of_attributes_items_and_closures(bank: Path) -> None:
    balance = rows(bank, "select old, new, line from changes where name = 'balance' and old is not null")
    assert [(change["old"], change["new"]) for change in balance] == [(100, 90), (90, 60)]
    assert {change["line"] for change in balance} == {line_of("        self.balance -= amount")}
    done = rows(bank, "select key, new from changes where kind = 'item' and function = 'work'")
    assert [(change["key"], change["new"]) for change in done] == [(0, 90), (1, "None"), (2, 60)]
    total = rows(bank, "select kind, old, new from changes where name = 'total' and function = 'counter.<locals>.add'")
    assert [(change["kind"], change["old"], change["new"]) for change in total] == [("variable", 0, 3), ("variable", 3, 7)]


def test_variables_of_the_module(bank: Path) -> None:
    found = rows(bank, "select kind, name, new_type from changes where function = '<module>' and name in ('account', 'add')")
    assert [(change["kind"], change["name"], change["new_type"]) for change in found] == [
        ("variable", "account", "Account"),
        ("variable", "add", "function"),
    ]


def test_exceptions_and_lines(bank: Path) -> None:
    found = rows(bank, "select message, handled_function, unwound from exceptions order by event")
    assert found == [
        {"message": "only 90", "handled_function": "work", "unwound": 1},
        {"message": "only 60", "handled_function": None, "unwound": 2},
    ]
    (times,) = rows(bank, f"select count(*) as times from lines where line = {line_of('        self.balance -= amount')}")
    assert times == {"times": 2}
    totals = rows(bank, "select sum(line_events) as lines, sum(calls) as calls from functions")
    assert totals == rows(bank, "select (select count(*) from lines) as lines, (select count(*) from calls) as calls")


def test_control_c_while_the_stream_is_read_ends_cleanly(tmp_path: Path) -> None:
    loop = "def f(n):\n    x = 0\n    for i in range(n):\n        x += i\n        y = [x]\n    return x\n\n\nf(300_000)\n"
    path = record(tmp_path, loop)
    directory = tmp_path / "temporary"
    directory.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SQLITE_TMPDIR": str(directory)}
    command = [sys.executable, "-c", WHEN_ASKED + PYTHON_CODE, "query", str(path), "select * from changes, lines"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"?"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=180)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
    assert stdout in (b"", b"[")
    assert list(directory.iterdir()) == []
