"""A search tree that grows and is never let go: many small objects alive at once, a few touched by each
step. Usage: many_objects.py ROUNDS
"""

import sys


class Node:
    def __init__(self, key: int) -> None:
        self.key = key
        self.left: Node | None = None
        self.right: Node | None = None
        self.count = 1


def insert(root: Node, key: int) -> None:
    node = root
    while True:
        node.count += 1
        if key < node.key:
            if node.left is None:
                node.left = Node(key)
                return
            node = node.left
        else:
            if node.right is None:
                node.right = Node(key)
                return
            node = node.right


def main() -> None:
    root = Node(1 << 30)
    state = 12345
    for _ in range(int(sys.argv[1])):
        for _ in range(1000):
            state = (state * 1103515245 + 12345) % 2147483648
            insert(root, state)
    print(root.count)


main()
