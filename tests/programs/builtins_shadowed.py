import builtins

len_before = len("abc")
builtins.answer = 42
found = answer
del builtins.answer


def len(thing):
    return -1


len_after = len("abc")
del len
len_restored = len("abcd")
