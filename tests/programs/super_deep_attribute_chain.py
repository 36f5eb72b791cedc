class A:
    pass


a = A()
a.b = A()
a.b.c = A()
a.b.c.d = A()
a.b.c.d.e = 1
a.b.c.d.e += 1
a.b.c.d.list = []
a.b.c.d.list.append(a.b)
short = a.b.c.d
short.e = "through the short name"
