number = 1 + 2j
number *= 2
conjugate = number.conjugate()
zero = -0j
