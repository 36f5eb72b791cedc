# oracle: concurrent
import threading

barrier = threading.Barrier(3)


def work(name):
    barrier.wait()
    values = []
    for number in range(20):
        square = number * len(name)
        values.append(square)
    return values


threads = [threading.Thread(target=work, args=("x" * (index + 1),)) for index in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
