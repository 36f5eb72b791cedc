class Bank:
    def __init__(self):
        self.accounts = {}
        self.log = []

    def open(self, owner, amount=0):
        self.accounts[owner] = amount
        self.log.append(("open", owner))

    def move(self, source, target, amount):
        if self.accounts[source] < amount:
            raise ValueError("not enough")
        self.accounts[source] -= amount
        self.accounts[target] += amount
        self.log.append(("move", source, target, amount))


bank = Bank()
bank.open("ann", 100)
bank.open("bob")
bank.move("ann", "bob", 30)
try:
    bank.move("bob", "ann", 500)
except ValueError as error:
    failure = str(error)
