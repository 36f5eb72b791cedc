"""Money goes the wrong way."""


class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance


def transfer(source, target, amount):
    source.balance -= amount
    target.balance += amount


def pay_rent(tenant, landlord):
    transfer(landlord, tenant, 500)


ann = Account("ann", 800)
bob = Account("bob", 0)
pay_rent(ann, bob)
assert ann.balance == 300, (ann.balance, bob.balance)
