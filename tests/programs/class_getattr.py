class Lazy:
    def __init__(self):
        self.log = []

    def __getattr__(self, name):
        self.log.append(name)
        return len(name)

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        object.__delattr__(self, name)


lazy = Lazy()
five = lazy.abcde
lazy.real = 1
del lazy.real
four = lazy.real
