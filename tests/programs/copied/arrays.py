"""numpy: seeded from the system, written to a file and mapped from it."""
import numpy

chance = numpy.random.default_rng()
numbers = chance.random(5)
table = numpy.arange(12).reshape(3, 4)
product = table @ table.T
table[1] *= 10
view = table[:, 1]
numpy.save("table.npy", table)
loaded = numpy.load("table.npy")
equal = bool((loaded == table).all())
mapped = numpy.memmap("mapped", dtype="int32", mode="w+", shape=(10,))
mapped[:] = range(10)
mapped.flush()
total = int(mapped.sum())
mean = float(numbers.mean())
