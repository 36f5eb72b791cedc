"""The oracle itself is right: what it sees of programs whose events and values are worked out by hand."""

import subprocess
import sys
from pathlib import Path

import pytest
from oracle.structure import Node, Structure
from oracle.testimony import NO_VALUE, Observations, Sight, read_testimony
from support.programs import TESTS, clean_environment

PROGRAMS = Path(__file__).with_name("programs")


def watch(directory: Path, text: str, *options: str) -> Observations:
    program, output = directory / "watched.py", directory / "watched.jsonl"
    program.write_text(text)
    command = [sys.executable, "-m", "oracle.witness", *options, str(output), str(program)]
    subprocess.run(command, cwd=TESTS, env=clean_environment(directory), capture_output=True, timeout=180, check=True)
    return read_testimony(output)


def brief(testimony: Observations) -> list[tuple[str, str, int]]:
    """(kind, function, line) of each event."""
    return [(sight.kind, sight.stack[-1].function, sight.stack[-1].line) for sight in testimony.sights]


def shown(sight: Sight, node: Node) -> object:
    """A node as an ordinary value, for lists, tuples, dicts and instances."""
    if not (isinstance(node, dict) and "id" in node):
        return node
    content = sight.objects[node["id"]]
    if content["family"] in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[content["family"]](shown(sight, item) for item in content["items"])
    if content["family"] == "dict":
        return {shown(sight, key): shown(sight, value) for key, value in content["entries"]}
    return {name: shown(sight, value) for name, value in content.get("attributes", {}).items()} or content.get("label")


def variables(sight: Sight) -> dict[str, object]:
    return {name: shown(sight, node) for name, node in sight.stack[-1].locals.items()}


def test_a_call_and_its_return(tmp_path: Path) -> None:
    testimony = watch(tmp_path, "def add(a, b=2):\n    c = a + b\n    return c\nresult = add(1)\n")
    assert brief(testimony) == [
        ("call", "<module>", 1), ("line", "<module>", 1), ("line", "<module>", 4),
        ("call", "add", 1), ("line", "add", 2), ("line", "add", 3), ("return", "add", 3), ("return", "<module>", 4),
    ]  # fmt: skip
    sights = testimony.sights
    assert variables(sights[3]) == variables(sights[4]) == {"a": 1, "b": 2}
    assert variables(sights[5]) == {"a": 1, "b": 2, "c": 3}
    assert sights[6].value == 3
    assert sights[5].value is NO_VALUE
    assert [frame.function for frame in sights[5].stack] == ["<module>", "add"]
    assert variables(sights[7]) == {"add": "add", "result": 3}


def test_a_generator_is_one_call_through_all_its_resumes(tmp_path: Path) -> None:
    testimony = watch(tmp_path, "def count():\n    got = yield 1\n    yield got\n\n\ng = count()\na = next(g)\nb = g.send([5])\n")
    kinds = [sight.kind for sight in testimony.sights if sight.stack[-1].function == "count"]
    assert kinds == ["call", "line", "yield", "resume", "line", "yield"]
    calls = {sight.stack[-1].call for sight in testimony.sights if sight.stack[-1].function == "count"}
    assert len(calls) == 1
    assert variables(testimony.sights[-1])["b"] == [5]


def test_an_exception_through_two_frames_is_one_raise(tmp_path: Path) -> None:
    text = (
        "def inner():\n    raise KeyError('k')\n\n\ndef outer():\n    inner()\n\n\ntry:\n    outer()\nexcept KeyError as error:\n    pass\n"
    )
    testimony = watch(tmp_path, text)
    told = [event for event in brief(testimony) if event[0] in ("raise", "unwind")]
    assert told == [("raise", "inner", 2), ("unwind", "inner", 2), ("unwind", "outer", 6)]


def test_what_a_thrown_exception_does_to_a_generator(tmp_path: Path) -> None:
    text = "def steps():\n    try:\n        yield 1\n    except ValueError:\n        yield 2\n\n\ng = steps()\nnext(g)\nx = g.throw(ValueError('v'))\n"
    testimony = watch(tmp_path, text)
    told = [event[0] for event in brief(testimony) if event[1] == "steps" and event[0] not in ("handled", "reraise", "line")]
    assert told == ["call", "yield", "throw", "raise", "yield"]
    thrown = next(sight for sight in testimony.sights if sight.kind == "throw")
    assert thrown.objects[thrown.value["id"]]["type"] == "builtins.ValueError"


def test_changes_show_at_the_next_event(tmp_path: Path) -> None:
    text = "class Node:\n    pass\n\n\nn = Node()\nn.kids = [Node()]\nn.kids[0].v = 70\nalias = n.kids\nalias.append(1)\ndel n.kids[0]\ndone = 1\n"
    last = {sight.stack[-1].line: variables(sight) for sight in watch(tmp_path, text).sights if sight.kind == "line"}
    assert last[7]["n"] == {"kids": ["Node"]} or last[7]["n"] == {"kids": [None]}
    assert last[8]["n"] == {"kids": [{"v": 70}]}
    assert last[10]["alias"] == [{"v": 70}, 1]
    assert last[11]["n"] == {"kids": [1]}


def test_one_number_for_one_object(tmp_path: Path) -> None:
    testimony = watch(tmp_path, "a = [1]\nb = a\nc = [1]\nd = (a, c)\nlast = 1\n")
    sight = testimony.sights[-1]
    numbers = {name: node["id"] for name, node in sight.stack[-1].locals.items() if isinstance(node, dict)}
    assert numbers["a"] == numbers["b"] != numbers["c"]
    assert [node["id"] for node in sight.objects[numbers["d"]]["items"]] == [numbers["a"], numbers["c"]]


def test_finalisers_run_where_they_would(tmp_path: Path) -> None:
    """With --lifetimes nothing is kept alive, not even by a look at it."""
    text = "class Thing:\n    def __del__(self):\n        pass\n\n\ndef scope():\n    thing = Thing()\n    other = thing\n    del thing\n    other = 1\n    last = 2\n\n\nscope()\n"
    events = brief(watch(tmp_path, text, "--lifetimes"))
    at = events.index(("call", "Thing.__del__", 2))
    assert events[at - 1] == ("line", "scope", 10)
    assert ("line", "scope", 11) in events[at:]


def test_code_that_the_program_compiles_is_its_own_and_the_librarys_is_not(tmp_path: Path) -> None:
    text = "from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\np = Point(1, 2)\nexec('made = 1')\nvalue = eval('made + 1')\n"
    testimony = watch(tmp_path, text)
    files = {sight.stack[-1].file for sight in testimony.sights}
    assert files == {str(tmp_path / "watched.py"), "<string>"}
    assert [kind for kind, function, line in brief(testimony) if kind == "call"] == ["call"] * 3


def test_threads_and_tasks_are_told_apart(tmp_path: Path) -> None:
    text = (
        "import asyncio, threading\n\n\ndef work():\n    return 1\n\n\nasync def job():\n    await asyncio.sleep(0)\n\n\n"
        "async def main():\n    await asyncio.gather(job(), job())\n\n\nt = threading.Thread(target=work)\nt.start()\nt.join()\nasyncio.run(main())\n"
    )
    testimony = watch(tmp_path, text)
    threads = {sight.thread for sight in testimony.sights if sight.stack[-1].function == "work"}
    assert threads == {2}
    tasks = {sight.task for sight in testimony.sights if sight.stack[-1].function == "job"}
    assert len(tasks) == 2
    assert None not in tasks


def test_nothing_of_the_programs_runs_because_of_a_look() -> None:
    looked_at: list[str] = []

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            looked_at.append("instancecheck")
            return False

    class Trap(dict, metaclass=Meta):  # type: ignore[type-arg]
        def __getattribute__(self, name: str) -> object:
            looked_at.append(name)
            return super().__getattribute__(name)

        def __iter__(self):  # type: ignore[no-untyped-def]
            looked_at.append("iter")
            return iter(())

        def __len__(self) -> int:
            looked_at.append("len")
            return 0

        def __repr__(self) -> str:
            looked_at.append("repr")
            return ""

        def __eq__(self, other: object) -> bool:
            looked_at.append("eq")
            return True

        def __hash__(self) -> int:  # type: ignore[override]
            looked_at.append("hash")
            return 1

        @property
        def __dict__(self):  # type: ignore[no-untyped-def,override]
            looked_at.append("__dict__")
            return {}

    trap = Trap(a=1)
    structure = Structure(10, 100, keep=True)
    structure.begin()
    structure.node([trap, {trap: trap}])
    looked_at.clear()
    table = structure.table()
    assert looked_at == []
    entry = next(content for content in table.values() if content["family"] == "dict" and content["type"].endswith("Trap"))
    assert entry["entries"] == [["a", 1]]


@pytest.mark.parametrize("name", ["generators_interleaved", "type_collections", "exception_groups", "class_metaclass"])
def test_two_looks_at_a_program_are_equal(name: str, tmp_path: Path) -> None:
    text = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    first, second = watch(tmp_path, text), watch(tmp_path, text)
    assert first == second
    assert len(first.sights) > 10
