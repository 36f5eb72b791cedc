"""Types that ctypes makes have their module, like others; before CPython 3.13 it keeps a dictionary of its own kind in them."""

import ctypes

function = ctypes.CDLL(None).abs  # the library itself has an address in it
result = function(-5)
