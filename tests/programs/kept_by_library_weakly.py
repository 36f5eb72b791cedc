from libraries import keeping
class User:
    def __init__(self, name):
        self.name = name
        self.items = []
def weakly():
    user = User("a")
    keeping.keep_weakly(user)
    after = 0
    keeping.change_weakly("name", "b")
    after = 1
    keeping.change_weakly("name", "c")
    after = 2
weakly()
