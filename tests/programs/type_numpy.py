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
