class Account:
    def __init__(self, owner):
        self.owner = owner
        self.balance = 0

    def deposit(self, amount):
        self.balance += amount


accounts = {name: Account(name) for name in ("ann", "bob")}
accounts["ann"].deposit(50)
accounts["bob"].balance = accounts["ann"].balance - 20
accounts["ann"].history = [("in", 50)]
accounts["ann"].history.append(("out", 10))
del accounts["bob"]
