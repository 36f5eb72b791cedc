# Generators of a library that the program delegates to or goes through, which change what they were given, or what is theirs.
# oracle: unchecked
import contextlib
import heapq
import io
import os
import re
import tokenize


def delegating(text):
    buffer = io.StringIO(text)
    yield from tokenize.generate_tokens(buffer.readline)
    yield buffer.tell()


def merged(first, second):
    total = yield from heapq.merge(first, second)
    return total


def draining(stack, taken):
    yield from iter(stack.pop, 0)
    taken.append(len(stack))
    yield taken


class Kept:
    """Its methods are the program's; the generator isn't."""

    def __init__(self):
        self.entered = []

    @contextlib.contextmanager
    def entering(self, what):
        self.entered.append(what)
        yield self.entered
        self.entered.pop()


def nested(kept):
    with kept.entering(1) as one, kept.entering(2):
        yield one
    with contextlib.ExitStack() as stack:
        inner = stack.enter_context(kept.entering(3))
        stack.callback(inner.append, 4)
        yield inner
        stack.callback(inner.append, 5)
    yield inner


def lines_of(data):
    with io.BytesIO() as out, contextlib.nullcontext(data) as same:
        for piece in re.finditer(rb"\w+", bytes(same)):
            out.write(piece.group())
            same.extend(piece.group())
            yield len(same)
        view = out.getbuffer()
        yield bytes(view)
        view.release()


kinds = [token.type if isinstance(token, tuple) else token for token in delegating("a = 1\nb = [a]\n")]
order = list(merged([1, 4], iter([2, 3])))
stack = [0, 1, 2, 3]
drained = list(draining(stack, []))
pieces = []
for entered in nested(Kept()):
    pieces.append(list(entered))
lengths = list(lines_of(bytearray(b"ab cd")))
walk = os.walk(os.devnull)
nothing = [*walk]
print(kinds, order, drained, pieces, lengths, nothing)
