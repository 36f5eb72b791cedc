# oracle: concurrent
import threading


def numbers():
    for number in range(4):
        yield number


source = numbers()
taken = [next(source)]
thread = threading.Thread(target=lambda: taken.append(next(source)))
thread.start()
thread.join()
taken.append(next(source))
source.close()
