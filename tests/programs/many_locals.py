def function(a, b, c=3, *d, e, f=6, **g):
    h, i, j = a + b, b + c, c + f
    k = [h, i, j]
    l = {"k": k}
    m = (l, k)
    n = o = p = q = None
    r, s, t, u, v = range(5)
    w = x = y = z = "end"
    aa = ab = ac = ad = ae = af = ag = 1.5
    ba, bb, bc, bd, be = "abcde"
    k.append(len(g))
    return k, w, ag, be


result = function(1, 2, 3, 4, e=5, extra=7)
