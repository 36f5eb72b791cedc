# oracle: limits
exactly = "x" * 4096
longer = "y" * 4097
long = "z" * 100_000
data = b"b" * 50_000
array = bytearray(b"c" * 10_000)
array.append(100)
copy = long
wide = "\u20ac" * 5000
changed = long + "!"
