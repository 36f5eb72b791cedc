plain = range(5)
stepped = range(10, 0, -3)
large = range(0, 10**30, 10**28)
cut = slice(1, 10, 2)
open_ended = slice(None)
odd = slice("a", [1], None)
picked = "abcdefgh"[cut]
