class Base:
    def __init__(self, name):
        self.name = name

    def describe(self):
        return "base " + self.name


class Child(Base):
    def __init__(self, name, age):
        super().__init__(name)
        self.age = age

    def describe(self):
        text = super().describe()
        return text + f" {self.age}"


text = Child("kim", 4).describe()
