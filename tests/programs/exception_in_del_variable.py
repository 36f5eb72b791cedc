try:
    raise KeyError("k")
except KeyError as error:
    copy = error
try:
    error
except NameError as missing:
    name = missing.name
