"""The recorder, inside the program that is recorded (C). See stream.h and ring.h."""

def start(ring_path: str, library_prefixes: tuple[str, ...], early: bool = False, /) -> None:
    """Record this process into a ring. Code below `library_prefixes` isn't recorded unless the ring's options say so.
    `early`: none of the code that is recorded has begun to run.

    OSError where the ring can't be opened, RuntimeError where the process is being recorded already.
    """

def stop() -> None:
    """Stop recording; the ring says so to its writer. Recording may be started again, into another ring."""
