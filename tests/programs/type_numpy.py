# oracle: unchecked
# oracle: needs numpy
import numpy

numbers = numpy.arange(6)
grid = numbers.reshape(2, 3).astype("float64")
grid[1, 2] = 99.5
numbers[0] = -1
flags = grid > 2
single = numpy.float64(1.5)
integer = numpy.int32(7)
empty = numpy.zeros((0, 3))
numbers += 1
view = numbers[1:3]
view[0] = 50

words = numpy.array(["a", "", "l\u00e4ng", "\U0001f600"])
objects = numpy.array([1, None, "text", 2.5], dtype=object)
half = numpy.float16(0.5)
short = numpy.float32(0.1)
small = numpy.uint8(200)
number = numpy.complex128(1 + 2j)
alone = numpy.array(5)
short += 1


class Marked(numpy.ndarray):
    def __buffer__(self, flags):
        raise SystemExit("asked for its buffer")

    def __release_buffer__(self, view):
        raise SystemExit("asked to give its buffer back")


marked = numbers.view(Marked)
marked[0] = 7
