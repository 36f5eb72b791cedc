"""Random expressions, most of them wrong in one way or another: what is asked is whether both say so."""

import random
from typing import Final

METHODS: Final = {
    "s": (
        "upper() lower() split() split('l') strip() title() swapcase() capitalize() replace('l','LL') find('l') index('l') rindex('zz') "
        "count('l') startswith('H') isdigit() isidentifier() partition('l') join(words) join(xs) encode() encode('ascii') center(20) zfill(8) "
        "splitlines() casefold() removeprefix('H') format(1) translate({72:None}) upper(1) join(5) nope() replace(1,2) split('') find() center()"
    ).split(),
    "xs": "count(1) index(1) index(99) index(1,2) index() copy() nope keys()".split(),
    "d": "get('a') get('q') get('q',7) keys() values() items() copy() get() nope()".split(),
    "f": "bit_length() conjugate() real imag as_integer_ratio() is_integer() hex() to_bytes(2,'big') nope".split(),
    "st": "union(xs) intersection(xs) difference([1]) symmetric_difference([1,9]) issubset(xs) isdisjoint([5]) copy() union(5)".split(),
}
SPECS: Final = ("", "5", "<5", "*^9", "05d", "x", "#x", "b", ".2f", "g", "%", "c", "s", ".2", "+d", ",", "_", "=+8", "q", "08.3f", ",x")
FORMATS: Final = ("%s", "%d", "%r", "%5.2f", "%x", "%c", "%-5s|", "%%", "%(a)s", "%s %s", "%e", "%+d", "%a", "%s%")
FIELDS: Final = ("{}", "{0}", "{!r}", "{:>5}", "{0[1]}", "{0.x}", "{a}", "{} {}", "{:d}", "{:.2f}", "{!s:^8}", "{1}")
CONSTANTS: Final = ("'ab' '' 'l' b'ab' None True 1.5 [] () {} [1,2] (1,'a') {1,2} {'a':1} range(4) 1j '%s' '{}' -0.0 -3 -1 0 1 2 5").split()
ONE: Final = (
    "sorted list tuple set sum min max any all len str repr bool int float abs round frozenset dict type ord chr bin hex "
    "ascii bytes complex range divmod"
).split()
TWO: Final = "round sum pow divmod range isinstance max min hasattr getattr".split()
KEYS: Final = ("len", "str", "abs", "lambda v: -v", "lambda v: str(v)", "lambda v: v[0]", "repr", "None", "lambda a, b: a")


class Grammar:
    """Writes expressions over some names."""

    def __init__(self, chance: random.Random, names: list[str]) -> None:
        self._pick = chance.choice
        self._names = list(names)

    def expression(self, depth: int) -> str:
        """An expression with at most so many levels."""
        if depth <= 0:
            return self._pick((*self._names[-6:], *self._names, *CONSTANTS))
        often = [self._operator, self._method, self._call, self._comprehension] * 2
        sort = self._pick([*often, self._comparison, self._choice, self._part, self._text, self._key, self._display])
        return sort(depth - 1)

    def _operator(self, depth: int) -> str:
        if self._pick((0, 1, 2)) == 0:
            return f"({self._pick(('not ', '-', '+', '~'))}{self.expression(depth)})"
        symbol = self._pick(("+", "-", "*", "/", "//", "%", "&", "|", "^", "and", "or"))
        return f"({self.expression(depth)} {symbol} {self.expression(depth)})"

    def _comparison(self, depth: int) -> str:
        one, two = (self._pick(("==", "!=", "<", "<=", ">", ">=", "in", "not in")) for _ in range(2))
        more = f" {two} {self.expression(0)}" if self._pick((0, 0, 1)) else ""
        return f"({self.expression(depth)} {one} {self.expression(depth)}{more})"

    def _choice(self, depth: int) -> str:
        return f"({self.expression(depth)} if {self.expression(depth)} else {self.expression(depth)})"

    def _part(self, depth: int) -> str:
        bounds = [self._pick(("", self.expression(0))) for _ in range(2)]
        step = self._pick(("", ":" + self.expression(0)))
        return f"({self.expression(depth)})[{self._pick((self.expression(depth), ':'.join(bounds) + step))}]"

    def _method(self, depth: int) -> str:
        of = self._pick(tuple(METHODS))
        return f"({self._pick((of, of, self.expression(depth)))}).{self._pick(METHODS[of])}"

    def _text(self, depth: int) -> str:
        inner = self.expression(depth)
        formatted = f"format({inner}, {self._pick(SPECS)!r})"
        return self._pick((f"({self._pick(FORMATS)!r} % {inner})", f"{self._pick(FIELDS)!r}.format({inner})", formatted))

    def _call(self, depth: int) -> str:
        two = f"{self._pick(TWO)}({self.expression(depth)}, {self._pick((self.expression(depth), 'int', repr('real')))})"
        return self._pick(
            (f"{self._pick(ONE)}({self.expression(depth)})", two, f"(lambda v: ({self.expression(0)}, v))({self.expression(depth)})")
        )

    def _key(self, depth: int) -> str:
        name, key = self._pick(("sorted", "min", "max")), self._pick(KEYS)
        done = f"{self._pick(('map', 'filter'))}({self._pick(('str', 'len', 'lambda v: v', 'None', 'bool'))}, {self.expression(depth)})"
        return self._pick((f"{name}({self.expression(depth)}, key={key})", f"list({done})", f"list(zip({self.expression(depth)}, xs))"))

    def _comprehension(self, depth: int) -> str:
        among = self.expression(depth)
        name = self._pick(("v", "w", "i", "s"))
        self._names.append(name)
        one, two = self.expression(depth - 1), self.expression(depth - 1)
        more = self._pick(("", f" if {self.expression(depth - 1)}", f" for u in {self.expression(depth - 1)}"))
        self._names.pop()
        over = f"for {name} in {among}{more}"
        whole = (f"[{one} {over}]", f"{{{one} {over}}}", f"{{{one}: {two} {over}}}", f"sum({one} {over})", f"list({one} {over})")
        return self._pick((*whole, f"[{one} for {name}, *u in {among}]", f"any({one} {over})", f"max(({one} {over}), default=0)"))

    def _display(self, depth: int) -> str:
        one, two = self.expression(depth), self.expression(depth)
        return self._pick((f"[*{one}, {two}]", f"{{**{one}, 'a': {two}}}", f"({one}, {two})", f"{{{one}, {two}}}", f"{{{one}: {two}}}"))
