"""A class of flags gets members that it didn't have where others are combined: by a line that only computes."""

import enum


class Permission(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


class Option(enum.IntFlag):
    FAST = 1
    SAFE = 2
    QUIET = 4


def combined(one, other):
    both = one | other
    again = both
    return again


def others(one, two):
    neither = ~one & ~two
    different = one ^ two
    after = neither
    return after


known = Permission._value2member_map_
options = Option._value2member_map_
first = combined(Permission.READ, Permission.WRITE)
second = combined(Option.FAST, Option.QUIET)
third = Permission(5)
fourth = others(Permission.READ, Permission.RUN)
fifth = others(Option.SAFE, Option.QUIET)
sizes = len(known), len(options)
