"""How chunks are compressed: zstd where Python has it, else zlib.

Recording works without any third-party package, so both codecs are part of the format and a row names its own.
"""

import importlib
import zlib
from typing import Any, Final


def _find_zstd() -> Any:
    """The module `zstd` of Python 3.14 or of `backports.zstd`; None where neither is installed."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


ZSTD: Final = _find_zstd()
CODEC: Final = "zlib" if ZSTD is None else "zstd"
_ERRORS: Final[tuple[type[Exception], ...]] = (zlib.error,) if ZSTD is None else (zlib.error, ZSTD.ZstdError)
_LEVEL: Final = 1  # measured on real streams: higher levels cost far more time than they save space


def compress(data: bytes) -> bytes:
    """Compress by `CODEC`."""
    if ZSTD is None:
        return zlib.compress(data, _LEVEL)
    compressed: bytes = ZSTD.compress(data, _LEVEL)
    return compressed


def decompress(codec: str, data: bytes, size: int) -> bytes:
    """The `size` bytes that `data` was made from; ValueError where it isn't that."""
    # One byte more than there should be is asked for, never more: who knows what the data would become.
    plain = decompress_head(codec, data, size + 1)
    if len(plain) != size:
        raise ValueError(f"expected {size} bytes of {codec}, got {len(plain)}")
    return plain


def decompress_head(codec: str, data: bytes, size: int) -> bytes:
    """About the first `size` bytes, more or fewer, of what `data` is the beginning of; ValueError where it is no such thing."""
    if codec == "raw":
        return data[:size]
    try:
        if codec == "zlib":
            return zlib.decompressobj().decompress(data, size)
        if codec == "zstd" and ZSTD is not None:
            head: bytes = ZSTD.ZstdDecompressor().decompress(data, max_length=size)
            return head
    except _ERRORS as error:
        raise ValueError(str(error)) from None
    if codec == "zstd":
        raise ValueError("this Python has no zstd: install backports.zstd")
    raise ValueError(f"there is no codec {codec}")
