def make(base):
    class Made:
        factor = base * 2

        def __init__(self, value):
            self.value = value * base

        def get(self):
            return self.value + self.factor

    return Made


Two = make(2)
Three = make(3)
results = [Two(1).get(), Three(1).get()]
