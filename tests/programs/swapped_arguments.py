def swap(first, second):
    first, second = second, first
    return first, second


a, b = swap([1], [2])
c, d = swap(a, b)
same = c is b
