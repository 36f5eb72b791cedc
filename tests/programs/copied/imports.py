"""Modules that are first needed in the middle of the program."""
import importlib
import sys

with open("made_module.py", "w") as file:
    file.write("value = 7\n\ndef double(x):\n    return x * 2\n")
sys.path.insert(0, ".")
importlib.invalidate_caches()
import made_module

doubled = made_module.double(made_module.value)
import decimal

precise = decimal.Decimal("1.1") + 1
import xml.etree.ElementTree as tree

root = tree.fromstring("<a><b/></a>")
names = [child.tag for child in root]
import urllib.parse

parts = urllib.parse.urlsplit("http://example.org/path?query=1")
