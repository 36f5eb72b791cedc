import traceback

from libraries.keeping import Lazy


class Mine(Lazy):
    pass


class Holder:
    def __init__(self, lazy):
        self.lazy = lazy


def by_property(lazy):
    text = lazy.text
    after = text
    return after


def by_getattr(lazy):
    other = lazy.other
    after = other
    return after


def by_cached_property(lazy):
    once = lazy.once
    again = lazy.once
    return once + again


def from_another(holder):
    text = holder.lazy.text
    after = text
    return after


def in_a_condition(lazy):
    if lazy.text:
        after = 1
    return after


def of_the_standard_library(summary):
    line = summary.line
    after = line
    return after


first, second, holder = Lazy(), Mine(), Holder(Lazy())
for lazy in (first, second):
    by_property(lazy)
    by_getattr(lazy)
    by_cached_property(lazy)
    in_a_condition(lazy)
from_another(holder)
in_a_module = first.text
asked = list(first.asked)
of_the_standard_library(traceback.FrameSummary(__file__, 1, "f", lookup_line=False))
