"""tempfile: files and directories, with and without a name."""
import os
import tempfile

with tempfile.TemporaryDirectory() as place:
    inside = os.path.isdir(place)
    for number in range(5):
        with open(os.path.join(place, f"file-{number}"), "w") as file:
            file.write("x" * number)
    names = sorted(os.listdir(place))
    sizes = [os.path.getsize(os.path.join(place, name)) for name in names]
gone = os.path.exists(place)
with tempfile.TemporaryFile() as file:
    file.write(b"abc")
    file.seek(0)
    content = file.read()
with tempfile.NamedTemporaryFile("w+", suffix=".txt") as file:
    name = file.name
    file.write("named")
    file.flush()
    with open(name) as again:
        text = again.read()
descriptor, path = tempfile.mkstemp()
os.write(descriptor, b"12345")
os.close(descriptor)
size = os.path.getsize(path)
os.unlink(path)
spooled = tempfile.SpooledTemporaryFile(max_size=10)
for number in range(5):
    spooled.write(b"four")
spooled.seek(0)
last = spooled.read()
spooled.close()
