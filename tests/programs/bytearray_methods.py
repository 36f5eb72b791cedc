data = bytearray(b"hello")
data.append(33)
data.extend(b"xyz")
data[0] = 72
data[1:3] = b"EEE"
data.insert(0, 62)
last = data.pop()
data.remove(33)
data.reverse()
data += b"tail"
data *= 2
del data[5:]
view = memoryview(data)
view[0] = 0
view.release()
data.clear()
