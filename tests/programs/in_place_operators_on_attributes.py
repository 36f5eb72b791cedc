class Holder:
    def __init__(self):
        self.items = [1]
        self.text = "a"
        self.table = {"k": 1}


holder = Holder()
alias = holder.items
holder.items += [2]
holder.items *= 2
holder.text += "b"
holder.table["k"] += 5
holder.table |= {"l": 2}
holder.items[0] -= 10
holder.items[1:2] += [7]
