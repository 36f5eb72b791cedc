import heapq

heap = [5, 3, 8, 1, 9, 2]
heapq.heapify(heap)
heapq.heappush(heap, 0)
smallest = heapq.heappop(heap)
replaced = heapq.heapreplace(heap, 7)
both = heapq.heappushpop(heap, 4)
three = heapq.nsmallest(3, heap)
