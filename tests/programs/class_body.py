class Plain:
    count = 0
    items = [1, 2]
    for index in range(2):
        items.append(index)
    if count == 0:
        kind = "empty"
    del index

    def method(self):
        return self.items


plain = Plain()
method_result = plain.method()
