"""`Outside`: what the program got to know from outside, what it wrote, and what of its events was lost."""

import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tttui.record import checksums
from tttui.store.definitions import Definitions
from tttui.store.inputs import LiveChange, live_changes_in
from tttui.store.opening import LARGEST_VALUE, damaged
from tttui.store.records import Gap, Output

_OUTPUTS_AT_ONCE: Final = 256


class Outside(Definitions):
    """What went in and out."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._live_changes: tuple[int, Sequence[LiveChange]] | None = None

    def inputs(self, first: int) -> Iterator[bytes]:
        """What the program got to know from outside, from input number `first` on, as `input.data` of the schema has it."""
        if not self._has_table("input"):
            return
        statement = "SELECT first, size, data FROM input WHERE first + count > ? ORDER BY first"
        for number, size, packed in self._rows(statement, (int, int, bytes), (first,)):
            unpack = zlib.decompressobj()
            try:
                data = unpack.decompress(packed, max(min(size, LARGEST_VALUE), 1))
            except zlib.error as error:
                raise damaged(self.path, f"the inputs from number {number} on can't be decompressed: {error}") from None
            at = 0
            for _ in range(first - number):
                at += 16 + (int.from_bytes(data[at + 12 : at + 16], sys.byteorder) + 7) // 8 * 8
            yield data[at:]

    def live_changes(self) -> Sequence[LiveChange]:
        """What was carried out in the program itself while it stopped, by event: that is where what it changed is visible first."""
        if not self.meta.get("stops"):
            return ()
        if self._live_changes is None or self._live_changes[0] != self.events:
            self._live_changes = self.events, tuple(found for data in self.inputs(0) for found in live_changes_in(data))
        return self._live_changes[1]

    def outputs(self, first: int = 0, last: int | None = None) -> Iterator[Output]:
        """What the program wrote after the events first .. last (-1: before its first event)."""
        statement = "SELECT id, event, fd, data FROM written WHERE event >= ? AND event <= ? ORDER BY id"
        first = -1 if first <= 0 else first
        for row in self._rows(statement, (int, int, int, bytes), (first, self.events if last is None else last)):
            self._verify(self._verifying.row, checksums.WRITTEN, row[0])
            yield Output(*row)

    def outputs_before(self, event: int) -> int:
        """How many pieces of output were written before an event."""
        row = self._row("SELECT max(id) FROM written", ((int, None),))
        low, high = 0, (row[0] or 0) if row else 0
        # They are numbered from 1 on, in the order of their events; there is no index by event.
        while low < high:
            middle = (low + high) // 2 + 1
            found = self._row("SELECT event FROM written WHERE id <= ? ORDER BY id DESC LIMIT 1", (int,), middle)
            if found is None or found[0] < event:
                low = middle
            else:
                high = middle - 1
        return low

    def outputs_between(self, start: int, stop: int, *, back: bool = False) -> Iterator[Output]:
        """What was written after the events start .. stop - 1, in order (`back`: the last first), read as it is asked for."""
        low, high = self.outputs_before(start) + 1, self.outputs_before(stop)
        statement = "SELECT id, event, fd, data FROM written WHERE id BETWEEN ? AND ? ORDER BY id"
        while low <= high:
            bounds = (max(low, high - _OUTPUTS_AT_ONCE + 1), high) if back else (low, min(high, low + _OUTPUTS_AT_ONCE - 1))
            for row in list(self._rows(statement + " DESC" * back, (int, int, int, bytes), bounds)):
                self._verify(self._verifying.row, checksums.WRITTEN, row[0])
                yield Output(*row)
            low, high = (low, bounds[0] - 1) if back else (bounds[1] + 1, high)

    def gaps(self) -> Sequence[Gap]:
        self._verify(self._verifying.rows, checksums.GAP)
        return [Gap(*row) for row in self._rows("SELECT id, event, reason, count FROM gap ORDER BY id", (int, int, int, int))]
