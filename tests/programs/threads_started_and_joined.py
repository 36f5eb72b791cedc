# oracle: concurrent
import threading

results = []


def work(name, count):
    total = 0
    for number in range(count):
        total += number
    results.append((name, total))


for index in range(3):
    thread = threading.Thread(target=work, args=(f"t{index}", index + 2), name=f"worker-{index}")
    thread.start()
    thread.join()
thread = None
