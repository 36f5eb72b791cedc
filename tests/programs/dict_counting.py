words = "the cat and the dog and the bird".split()
counts = {}
for word in words:
    counts[word] = counts.get(word, 0) + 1
best = max(counts, key=counts.get)
groups = {}
for word in words:
    groups.setdefault(len(word), []).append(word)
