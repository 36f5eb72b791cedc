"""Makes recordings event by event, so that a test knows exactly what is in them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from support.encoder import ATTRIBUTES, ITEMS, PAIRS, SCALAR, Stream

from tttui.native import reader
from tttui.record.database import FORMAT, RecordingFile, create

FACTS: Final[dict[str, Any]] = {
    "format": FORMAT,
    "command": json.dumps(["shop.py", "--day", "2"]),
    "python": "3.13.1",
    "platform": "Linux-6.1-x86_64",
    "cwd": "/home/user",
    "started": "2026-11-21T10:00:00.000+00:00",
    "scope": "{}",
    "limits": json.dumps({"max_items": 1000, "max_depth": 20, "max_string": 4096}),
    "pid": 4711,
    "ended": "exit",
    "exit_code": 0,
    "duration_ns": 2_500_000_000,
    "forks": 0,
    "waits": 0,
    "lost": 0,
    "cut": json.dumps({"items": 0, "depth": 0, "string": 0, "int": 0, "objects": 0}),
    "state": "finished",
}

# Types of the recordings made here.
LIST, DICT, ACCOUNT, VALUE_ERROR, FUNCTION, NAMESPACE = range(1, 7)
OBJECT: Final = 0x0F


def record(path: Path, chunks: Sequence[bytes], **facts: Any) -> Path:
    """A finished recording of these chunks; `facts` replace those in FACTS (None: there is no such fact)."""
    found = {key: value for key, value in {**FACTS, **facts}.items() if value is not None}
    create(path, found)
    file = RecordingFile(path)
    with file.transaction():
        start = 0
        for number, chunk in enumerate(chunks):
            scan = reader.scan(chunk)
            file.put_chunk(number, start, chunk, scan)
            file.put_definitions(scan, {})
            if scan["first_text"]:
                file.put_texts(scan["first_text"], number)
            file.add_totals(scan)
            start += len(chunk)
        file.set_facts({"counted": len(chunks)})
        file.seal()
    file.make_one_file()
    file.close()
    return path


def define_types(stream: Stream) -> Stream:
    """The types LIST ... NAMESPACE."""
    stream.def_type(LIST, "builtins", "list", 1).def_type(DICT, "builtins", "dict", 3).def_type(ACCOUNT, "__main__", "Account", 0)
    stream.def_type(VALUE_ERROR, "builtins", "ValueError", 12).def_type(FUNCTION, "builtins", "function", 13)
    return stream.def_type(NAMESPACE, "builtins", "dict", 19)


SHOP_SOURCE: Final = """\
def pay(amount, account):
    account.balance -= amount
    if account.balance < 0:
        raise ValueError("broke")
    return account.balance

total = 0
items = [5, 7]
account = Account(10)
for amount in items:
    total += pay(amount, account)
    print(total)
"""


def shop(path: Path, **facts: Any) -> Path:
    """A program that calls pay() twice; the second call raises, and the exception ends the program.

    Events: 0 call of the module; lines; 6 call pay #2 ...: see the comments.
    """
    stream = define_types(Stream()).def_thread(1, 4711, "MainThread")
    stream.def_file(1, "/home/user/shop.py", 1).def_source(1, SHOP_SOURCE.encode())
    stream.def_code(1, 1, "<module>", 1, flags=0).def_code(2, 1, "pay", 1, [("amount", 0), ("account", 0)], argcount=2)
    stream.def_name(1, "balance")
    namespace, items, account, error = 1, 2, 3, 4
    stream.new(namespace, NAMESPACE, (PAIRS, 0, [], [])).push(1, 1, namespace=namespace).call()  # 0
    stream.line(6).time(1000)  # 1: total = 0
    stream.setkey(namespace, PAIRS, "total", 0).line(1)  # 2: items = [5, 7]
    stream.new(items, LIST, (ITEMS, 2, [5, 7], [])).setkey(namespace, PAIRS, "items", (OBJECT, items)).line(1)  # 3
    stream.new(account, ACCOUNT, (ATTRIBUTES, 1, [(1, 10)], [])).setkey(namespace, PAIRS, "account", (OBJECT, account)).line(1)  # 4: for
    stream.setkey(namespace, PAIRS, "amount", 5).line(1)  # 5: total += pay(...)
    stream.push(2, 1).var(0, 5).var(1, (OBJECT, account)).call().time(500)  # 6
    stream.line(1)  # 7
    stream.setkey(account, ATTRIBUTES, "balance", 5).line(1)  # 8
    stream.line(2).returns(5)  # 9, 10
    stream.setkey(namespace, PAIRS, "total", 5).line(1)  # 11: print
    stream.output(1, b"5\n").line(-2)  # 12: for
    stream.setkey(namespace, PAIRS, "amount", 7).line(1)  # 13
    stream.push(2, 1).var(0, 7).var(1, (OBJECT, account)).call()  # 14
    stream.line(1)  # 15
    stream.setkey(account, ATTRIBUTES, "balance", -2).line(1).line(1)  # 16, 17: raise
    stream.new(error, VALUE_ERROR, (ITEMS, 1, ["broke"], [])).raises((OBJECT, error)).unwind((OBJECT, error))  # 18, 19
    stream.raises((OBJECT, error)).unwind((OBJECT, error)).output(2, b"Traceback\n")  # 20, 21
    ending = {"ended": "exception", "exit_code": 1, "exception": json.dumps({"type": "ValueError", "text": "ValueError('broke')"})}
    return record(path, [stream.whole()], **{**ending, **facts})


HOSTILE: Final = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x7f\u202e[red]bold[/red]\r\n\u2028\ud800=1+1"
"""One of each class of character that a terminal must not see, and markup."""


def hostile(path: Path) -> Path:
    """A recording with HOSTILE in every place that holds text."""
    text = HOSTILE.replace("\ud800", "")
    stream = define_types(Stream()).def_thread(1, 1, text).def_task(1, text)
    stream.def_type(7, text, text, 0).def_name(1, text)
    stream.def_file(1, text, 2).def_source(1, ("x = 1 # " + HOSTILE.replace("\n", "") + "\n").encode("utf-8", "surrogatepass"))
    stream.def_code(1, 1, text, 1, [(text, 0)], argcount=1).def_text(1, HOSTILE)
    stream.task(1).new(1, 7, (ATTRIBUTES, 1, [(1, HOSTILE)], [])).new(2, VALUE_ERROR, (ITEMS, 1, [HOSTILE], []))
    stream.new(3, DICT, (PAIRS, 1, [(HOSTILE, (0x0D, 1))], [])).new(4, FUNCTION, (SCALAR, 1, [HOSTILE], []))
    stream.push(1, 1).var(0, (OBJECT, 1)).call().line(0).var(0, HOSTILE).line(0).var(0, (OBJECT, 3)).line(0).var(0, (OBJECT, 4)).line(0)
    stream.output(1, HOSTILE.encode("utf-8", "surrogatepass"))
    stream.raises((OBJECT, 2)).unwind((OBJECT, 2))
    return record(
        path,
        [stream.whole()],
        command=json.dumps([HOSTILE]),
        python=text,
        platform=text,
        started=text,
        cwd=text,
        ended="exception",
        exception=json.dumps({"type": HOSTILE, "text": HOSTILE, "file": HOSTILE, "line": 1}),
    )
