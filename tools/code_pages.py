"""docs/architecture.md (the picture, and every file in one line) and docs/format.md (the tables, from schema.sql)."""

import ast
import itertools
import re
from pathlib import Path
from typing import Final

ARCHITECTURE: Final = """\
# Architecture

```
 the program being debugged               writer process                viewers (any number, any time)
┌─────────────────────────────┐ shared ┌──────────────────────┐      ┌────────────────────────────────┐
│ user code                   │ memory │ drain → compress →   │      │ store → navigation → TUI       │
│   └ native/ (C):            │──ring─▶│ index → commit       │─────▶│             │      → shell     │
│     hook → encode           │        └──────────────────────┘run.db│             │      → Python API│
│   copies: checkpoints ◀─────┼──────── control socket ──────────────┼─ jump, evaluate, go on         │
└─────────────────────────────┘                                      └────────────────────────────────┘
```

*The recorder writes a file, the store reads it, navigation moves in it, a view shows one moment of it.* Data flows one way; only
checkpoints answer back, over one socket. The event
stream (`tttui/native/stream.h`) is the same in the ring, in a chunk of `run.db` and in the decoder: it is defined once, there.

## What was decided by measuring

- **One stream, not two formats.** The recorder writes records that the writer copies into chunks as they are; the writer only scans them
  for the index. Interleaved records compress to 0.2–4 bytes an event, so transposing them into columns was not worth a second format.
- **Identity by watching deaths.** An address says nothing once an object is gone. CPython's reference tracer (3.13+) is called for every
  int, too; instead the deallocators of list, dict and cell and the `tp_free` of classes are wrapped. All classes are, from the moment
  they are made, because `__class__` can be assigned only between classes that free their instances alike.
- **Look only where a line may have changed something.** The instructions of each line are read once: what it binds, reads, calls, with
  which attributes and constants. Calls that were recorded have told of their changes themselves; any other call may have changed what it
  could reach, and that is compared, up to a budget. Beyond it the recording says so (`ST_LOOSE`), and the reader shows "unchecked".
- **Found again, or looked for.** What a line changes is followed through its instructions (`operands.c`): where it comes from a variable by
  attributes and by keys that can be worked out again, only that is looked at. All else falls on the safe side: one of many items means
  that all of them are looked at, up to 1,024; what was taken out of a container, or came to the line by ways that aren't known, that the
  recording says so. Where a line may also change the way to an object, what it can reach is noted before it runs (`links.c`).
- **What is handed on may run.** `sorted` changes nothing, but its key function may, and so may a `map` that a loop goes through: values
  that run code when they are only handed on or gone through are told by their types (`acting.c`), those of loops from the value stack.
- **Only what calls are given.** Code that isn't recorded can change what it is given, and what it has kept. Which variables and attributes
  a call gets, from all lines of its statement, is followed through the instructions (`operand_calls.c`). Texts, numbers, tuples of them,
  compiled patterns and their matches lead nowhere. Before, all that the line read was taken for given: pygments, recorded as the program's
  own code, took 34 times as long as without recording (now 4.4), and of its containers, at random moments, 99 of 100 wore "unchecked" (now
  74; tabulate 78, now 67).
- **What the program alone refers to, nobody else has kept.** A loop, a `map` or a call that is amid something refers to an object for a
  while, as a library that keeps it does. Now and then, as far as events pay for it, all references to such objects are counted, through
  `tp_traverse`, on which the garbage collector relies as well (`explaining.c`): where each is one of the program's, it isn't followed any
  more. tabulate takes 2.2 times as long as without recording instead of 3.2.
- **Objects of library classes** change in library code, which is not recorded: once such code has run they are shown as last looked at,
  with the badge "unchecked" (`ST_FOREIGN`).
- **Given and taken back.** What a function of the program's returns or yields to code that isn't recorded is followed like what is handed
  over by a variable, as long as more refers to it than the program; what comes back is looked into. Of a loop over a library's generator
  what that can reach is noted before each round (`links.c`): behind the last item nothing leads there any more.
- **Names that change.** Functions, generators, coroutines and classes are shown by their names wherever they stand. Their setters are
  wrapped (`renaming.c`), and what shows a name that was set is written anew: mostly one variable, right after the function was made
  (`functools.wraps`), else frames and objects are searched. That costs nothing where nothing is renamed.
- **Output through libc.** `print`, `os.write` and C's stdio all end in libc's `write` and `writev`, which are replaced in memory: nothing
  stands between the program and its terminal. What the program's children print is not seen.
- **Objects whole once a chunk.** An object is written whole the first time that it changes in a chunk (small ones always, larger ones up to
  a sixteenth of the chunk): the last chunk that wrote it tells all. Before, one was read back from up to eight chunks: a moment of
  a program with 40,000 small objects took 17 ms at p99, now 6; its recording takes 2.6 bytes an event instead of 2.0, others the same.
- **Moments on demand.** The store makes a frame, an item or an attribute when it is asked for: all of a stack 5,000 frames deep took 30 ms,
  the screenful that is looked at 4.
- **Conditions natively.** Variables, and attributes, items (`d["k"]`) and lengths of what they hold, also by ways of several steps, are
  compared for a condition without making values: where every seventh event is a hit 2.1 million a second of variables, 2.0 of
  attributes, 2.7 of lengths, 2.2 of items, where 10,000 were told from values. Where hits are rare all the events between them count:
  20 million of those a second. What objects were where a chunk begins is taken from the ends of the chunks around it: looked up one by
  one it was a quarter of that. `print-all` has its condition checked in the same way: what it prints is evaluated only where that holds.
- **No thread where a viewer is forked.** What brings checkpoints closer together imports modules and reads SQLite. As a thread of the
  process that forks the viewer it left its locks behind, locked: one start in twenty hung. It is a process of its own.
- **Ring tail.** The part of the open chunk that is published is committed too, so a full ring can never wait for a chunk to be complete.
- **Checkpoints verified by bytes.** A copy of the program that runs forward makes the very same stream, identities and all: only times are
  taken over from what was recorded. So it is compared with `memcmp`, not by meaning (docs/checkpoints.md). Everything that a copy has of
  its own (mappings, descriptors) stands where the program never comes across it, or addresses would differ.
- **Run again, not recorded twice.** `tttui replay` starts the interpreter once more and lets it be a copy from its first event on: nothing
  is recorded for it but the inputs that copies need anyway, and at the start the hash secret, the process ids and what the program ran
  under. So what is written must not depend on addresses: a table whose places collided by address made one of four runs of three
  million events differ; it is exact now, for 0.4 % more instructions. Running again takes about as long as recording did.
- **A copy is waited for.** It takes 0.3 ms at work to let go of what it shares with the program, milliseconds where the processor is busy.
  While it had not, 17 of 300 ports that were closed couldn't be bound again, 21 of 300 locks not be had (copies were made every few
  milliseconds, for that test); CPython's own tests of sockets and asyncio failed in 14 places, and in none since.
- **Keeping a copy costs more than making it.** Making one takes 1–15 ms; each page that the program writes to afterwards takes 5 µs on a
  virtual machine. So the pages count, too, towards the twentieth of the processor time that copies may take.
- **Through each gap once.** Once the program has ended, checkpoints are brought closer together by a copy that runs through a gap and
  leaves copies of itself on its way, each when a twentieth of a second of processor time has gone by since the last. Before, copies ran
  to the middles of gaps and stayed there: each quarter was run through again and again, and where a gap was to be halved next had to be
  guessed. The copy itself tells how long it took from one to the next and how many pages it wrote: by that it is decided which are let go
  of where memory is short, before anything has been measured. Of entering a moment nearly all is running forward, at the recorder's own
  speed: comparing takes 2 % of it, making a copy of 50 MB a millisecond, pages 2 µs each, be they taken in one by one or at once.
- **Only recorded code has events of lines.** From CPython 3.12 on, events that are switched on for all code cost library code one call for
  each of its lines, once: importing and running json, re, textwrap and difflib took 21 million instructions more than it does with
  the events set for each recorded code object when it first runs.
- **What code costs that is not quite library code.** JSON/regex is the benchmark that misses ×1.15: it has an event of its own for every
  13,500 instructions of plain Python (96 of 100 of the one generator expression that makes its log), and 12 dicts for every 50 events.
  In instructions, without copies, it is at ×1.16. Of the 2,200 more for each event 1,540 are the recorder's: 310 find what a line
  changed (`variables.c`), 300 gather and compare contents, 350 write and hash values, 180 look around, 125 tell whether texts are secrets.
  The rest is CPython's own for an event; a hook that does nothing is at ×1.04 by the clock. Copies add up to a twentieth. Nothing in
  there is large enough by itself to bring it below ×1.15. Of what numpy's arrays cost (×1.11), a third is comparing their contents.
  By the clock (3.13, 296 ms in plain Python) the hook adds 13 ms, the recorder 52, of which 3 are its start, and the eight copies 28, 6 of
  them that at the start (1 ms less since): some 5 µs for each page that is written to afterwards. On 3.14 it is 11, 53 and 21 ms, of an
  interpreter that takes 219: what recording adds is the same there, and the ratio larger. Neither other optimisations of the compiler
  (-O2, -Os) nor those by a profile change it.
- **The clock takes an eighth of a run.** Without reading the processor's clock at each event recursive fib took 712 ms instead of
  812, 7.5 ns less for an event. Behind the beginning of a call nothing of the program runs before its first line, and arithmetic on small
  numbers in variables (`brief.c`) is over at once: there it is read at every fourth event only. With that, and the way into a call built
  into the hooks, an integer loop is at ×2.7 instead of ×3.4 on 3.13, fib at ×6.6 instead of ×7.2; on 3.11 at ×4.3 instead of ×4.8 and
  ×9.0 instead of ×9.4. A profile would have let the compiler save 7 % before that.
- **Ring pages a chunk at a time.** Touching pages of the ring one by one takes 1.5 µs each on a virtual machine, taking in a chunk's at
  once 0.5.

## Known limits

- Of a container of more than 64 entries, up to 16,384 at its beginning (and 16 at its end) are compared wherever a line doesn't say what it
  changes, as far as the events since pay for it; where they don't, it wears "unchecked" until it is next written. The objects in it are
  all followed, as far as events pay for that; where they don't, and some of 64 that are tried are objects, everything wears "unchecked".
- A program that often gives objects with much behind them to code that isn't recorded (itself to a logger, say), or has libraries keep
  such objects (`lru_cache`), has more to be looked at than events pay for: most of its objects wear "unchecked" then. Of rich, recorded
  as the program's own code, 97 of 100 containers do, and it takes 5.7 times as long as without recording.
- Where it can't be told which of many objects a line changed (`stack.pop().x.append()`), everything wears "unchecked" from there on.
- A property or an operator of the program's that replaces, amid a line, the very item that this line then changes: the new item is shown as
  it was before, until the program next reads it.
- What a property of a library's works out and keeps in an object of a class of the program's is not looked for where a class pattern
  (`case Mine(text="a")`) reads it.
- What a library keeps of its own (a list of one of its modules) and the program gets hold of again, within something that it makes anew,
  is seen as the program reads it; what the library does to it after that is seen when the program next reads it.
- A module that code which isn't recorded gives another `__name__` is shown by the old one, unless a variable of the line that called
  it holds the module.
- A plain function of the program's that the task of a library runs, with no coroutine of the program's below it, is in no task: asyncio
  tells which task runs only when it is asked, which every call from code that isn't recorded would have to pay for.
- Secrets are told by names and shapes; what is printed, and the source, are recorded as they are.
- CPython 3.11 has no way to switch tracing off for library code; it runs slower there. The tight programs together are at ×5.9, where
  a hook that does nothing is at ×2.7 (on 3.13 at ×4.5 and ×1.8).
- Where a call has just begun, or a line is mere arithmetic on small numbers, a wait for the processor or for another thread is told up to
  three events later.
- Free-threaded builds are refused.

## Every file in one line
"""

FORMAT: Final = """\
# The recording

One SQLite file (application_id 0x74747569, user_version 1). Rows that a person would query are plain; events, variables and objects live in
compressed chunks, whose records are described in `tttui/native/stream.h`. `tttui query` shows all of it through views (query.md).
"""


def _first_sentence(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py" or path.suffix == ".pyi":
        found = ast.get_docstring(ast.parse(text)) or ""
    else:
        comment = re.match(r"/\*(.*?)\*/", text, re.DOTALL)
        found = re.sub(r"\n \* ?", "\n", comment[1]).strip() if comment else ""
    paragraph = " ".join(found.split("\n\n")[0].split())
    sentence = re.match(r".*?\.(?=\s|$)", paragraph)
    return sentence[0] if sentence else paragraph


def architecture_page(root: Path) -> str:
    """docs/architecture.md."""
    page = [ARCHITECTURE]
    files = sorted(path for path in (root / "tttui").rglob("*") if path.suffix in (".py", ".c", ".h") and "__pycache__" not in path.parts)
    files.sort(key=lambda path: path.parent)
    for directory, there in itertools.groupby(files, key=lambda path: path.parent):
        page.append(f"\n### {directory.relative_to(root)}/\n\n")
        unsaid: list[str] = []
        for path in there:
            if sentence := _first_sentence(path):
                page.append(f"- {', '.join([*unsaid, f'`{path.name}`'])} {sentence}\n")
                unsaid = []
            elif path.name != "__init__.py":
                unsaid.append(f"`{path.name}`")  # its header, which is the next, says it for both
    return "".join(page)


def format_page(root: Path) -> str:
    """docs/format.md."""
    page = [FORMAT]
    for line in (root / "tttui" / "store" / "schema.sql").read_text(encoding="utf-8").splitlines():
        if table := re.match(r"CREATE TABLE (\w+) \(\s*-- (.*)", line):
            page.append(f"\n## {table[1]}\n\n{table[2]}\n\n| column | type | meaning |\n|---|---|---|\n")
        elif column := re.match(r"\s+(\w+) ([A-Z ]+?),?\s*-- (.*)", line):
            page.append(f"| `{column[1]}` | {column[2]} | {column[3].replace('|', '/')} |\n")
        elif column := re.match(r"\s+(\w+),?\s*-- (.*)", line):
            page.append(f"| `{column[1]}` | any | {column[2].replace('|', '/')} |\n")
    return "".join(page)
