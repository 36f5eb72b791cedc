import bisect

items = [1, 3, 5]
bisect.insort(items, 4)
bisect.insort_left(items, 0)
bisect.insort(items, 9)
where = bisect.bisect(items, 3)
