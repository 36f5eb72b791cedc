empty = b""
plain = b"hello"
every = bytes(range(256))
array = bytearray(b"abc")
array.append(100)
array[0] = 65
array.extend(b"xyz")
del array[1:3]
array += b"!"
array.reverse()
view = memoryview(array)
first = view[0]
view.release()
array.clear()
