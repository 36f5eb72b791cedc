"""Programs that the tests of questions ask about: small ones whose answers are known by hand, and one of many chunks."""

from typing import Final

BANK: Final = """\
class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []

def fee(amount):
    if amount > 100:
        return 3
    return amount // 50

def transfer(source, target, amount):
    charge = fee(amount)
    source.balance -= amount + charge
    target.balance += amount
    source.history.append(amount)
    return charge

accounts = {"ann": Account("ann", 100), "bob": Account("bob")}
total = 0
for amount in [60, 120]:
    total += transfer(accounts["ann"], accounts["bob"], amount)
accounts["cy"] = accounts["bob"]
del accounts["bob"]
print("moved", total)
if accounts["ann"].balance < 0:
    raise ValueError(f"negative {accounts['ann'].balance}")
"""

# Several chunks: hot attributes beside ones that never change again, lists that grow, shrink and are changed in the middle,
# dicts whose keys are set and deleted, sets, closures, globals, and locals of a call that lives through it all.
LONG: Final = """\
class Node:
    def __init__(self, key):
        self.key = key
        self.count = 0
        self.flag = False
        self.last = None

def step(x):
    y = x * 3 + 1
    return y % 300

def counter():
    hits = 0
    def hit():
        nonlocal hits
        hits += 1
        return hits
    return hit

calls = 0

def main(n):
    global calls
    nodes = [Node(i) for i in range(20)]
    fixed = [10, 20, 30, 40, 50]
    queue = []
    seen = {}
    pairs = {}
    small = set()
    once = n
    hit = counter()
    for i in range(n):
        k = step(i)
        node = nodes[k % 20]
        node.count += 1
        node.last = k
        if i % 1500 == 1499:
            node.flag = not node.flag
            fixed[i % 5] = i
            calls += 1
            hit()
        seen[k] = i
        if k % 7 == 0:
            pairs[k, i % 3] = k
        queue.append(i)
        if len(queue) > 30:
            queue.pop(0)
        if k % 50 == 0:
            small.add(k)
        elif k % 51 == 0:
            small.discard(k - 1)
            seen.pop(k, None)
    once = None
    return nodes, fixed, queue, seen, pairs, small, hit

result = main(11000)
"""
