table = {number: str(number) for number in range(100)}
words = {f"k{number}": number for number in range(100)}
k = 5
table[k + 1] = "six"
table[k], table[k * 2] = "five", "ten"
name = "k1"
words[name + "0"] = -10
words[f"{name}1"] = -11
words["k" + "12"] = -12
words[name] = words[name + "3"] = 0
words.update(k20=1, k21=2)
words.update({"k22": 3})
words |= {"k23": 4}
words.setdefault("k24", 5)
words.pop("k25")
words["k25"] = "again"
del words[name + "4"]
words[name + "4"] = "again"
words.popitem()
table.clear()
table[1] = "one"


class Holder:
    def __init__(self):
        self.items = {number: [number] for number in range(100)}
        self.key = 50

    def put(self, value):
        self.items[self.key] = value
        self.items[self.key + 1].append(value)
        self.items[self.key + 2] += [value]


holder = Holder()
holder.put([1])
after = 1
