class Link:
    def __init__(self, value, following=None):
        self.value = value
        self.following = following


head = None
for value in range(5):
    head = Link(value, head)
previous = None
while head is not None:
    following = head.following
    head.following = previous
    previous = head
    head = following
head = previous
head.following.following.value = "third"
