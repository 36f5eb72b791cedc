from libraries import keeping
class App:
    def __init__(self):
        self.items = [1]
        self.table = {}
        self.user = None
    def start(self):
        extra = self.items
        also = self.items
        del extra, also
        keeping.keep(self.items)
        after = 0
        keeping.run(append)
        after = 1
    def second(self):
        alias = self.table
        del alias
        keeping.keep(self.table)
        after = 0
        keeping.put("k", 1)
        after = 1
    def third(self):
        self.user = App()
        alias = self.user
        x = alias.items
        del alias, x
        keeping.keep(self.user)
        after = 0
        keeping.change("name", 1)
        after = 1
        x = y = self.user.items
        del x, y
        keeping.keep(self.user.items)
        keeping.run(append)
        after = 2
import operator
append = operator.methodcaller("append", 5)
app = App()
app.start()
app.second()
app.third()
