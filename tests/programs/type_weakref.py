import weakref


class Target:
    def __init__(self, name):
        self.name = name


target = Target("t")
reference = weakref.ref(target)
registry = weakref.WeakValueDictionary()
registry["t"] = target
alive = reference() is target
proxy = weakref.proxy(target)
name = proxy.name
proxy.name = "changed"
