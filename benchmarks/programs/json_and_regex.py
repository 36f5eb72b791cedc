"""A report made by library code: json, re, textwrap, difflib; few lines of the user's own.
Usage: json_and_regex.py ROUNDS
"""

import difflib
import json
import re
import sys
import textwrap

RECORD = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2}) (?P<level>[A-Z]+) \[(?P<source>[\w.]+)\] (?P<message>.*)")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def make_log(count: int, seed: int) -> str:
    return "\n".join(
        f"2026-{1 + number % 12:02d}-{1 + number % 28:02d} {LEVELS[(number + seed) % 4]} [module.part{number % 7}] "
        f"request {number * 7919 % 1000} took {number * 31 % 97} ms"
        for number in range(count)
    )


def report(log: str) -> str:
    records = [found.groupdict() for found in RECORD.finditer(log)]
    text = json.dumps({"records": records, "count": len(records)}, indent=2, sort_keys=True)
    messages = " ".join(record["message"] for record in json.loads(text)["records"])
    return textwrap.fill(re.sub(r"\b(\d+) ms\b", r"\1 milliseconds", messages), 100)


def main() -> None:
    size = changes = 0
    for number in range(int(sys.argv[1])):
        re.purge()
        before = report(make_log(60, number))
        after = report(make_log(60, number + 1))
        size += len(before)
        changes += len(list(difflib.unified_diff(before.splitlines(), [*after.splitlines(), "end"])))
    print(size, changes)


main()
