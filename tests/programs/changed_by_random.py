import random

random.seed(1)
items = list(range(8))
random.shuffle(items)
generator = random.Random(2)
generator.shuffle(items)
picked = random.sample(items, 3)
