import threading
from concurrent.futures import ThreadPoolExecutor

got = []
thread = threading.Thread(target=got.append, args=(1,))
thread.start()
thread.join()
after = 1
with ThreadPoolExecutor(1) as pool:
    future = pool.submit(got.append, 2)
    future.result()
after = 2
with ThreadPoolExecutor(1) as pool:
    list(pool.map(got.append, [3]))
after = 3
