"""Types that ctypes makes have their module, like others; before CPython 3.13 it keeps a dictionary of its own kind in them."""

import ctypes


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int)]


function = ctypes.CDLL(None).abs  # the library itself has an address in it
point = Point(3)
result = function(-5)
