class Field:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return instance.__dict__.get(self.name, 0)

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value * 2


class Base:
    subclasses = []

    def __init_subclass__(cls, **named):
        super().__init_subclass__(**named)
        cls.subclasses.append(cls.__name__)


class Model(Base):
    size = Field()


model = Model()
model.size = 4
size = model.size
