"""The store's names for the numbers of the stream, against the header that defines them."""

import re
from pathlib import Path

from tttui.store import stream

HEADER = Path(stream.__file__).parent.parent / "native" / "stream.h"


def test_every_number_is_that_of_the_header() -> None:
    defined = {name: int(value, 0) for name, value in re.findall(r"\b([A-Z]+_[A-Z_]+) = (0x[0-9a-f]+|\d+)", HEADER.read_text())}
    named = {name: value for name, value in vars(stream).items() if re.match(r"(V|OB|PART|SHAPE|SLOT)_", name)}
    assert len(named) > 50
    assert named == {name: defined[name] for name in named}
