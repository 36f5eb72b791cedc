# oracle: concurrent
import threading

log = []
mine = threading.Semaphore(1)
yours = threading.Semaphore(0)


def player(name, wait, post):
    for turn in range(3):
        wait.acquire()
        log.append((name, turn))
        post.release()


first = threading.Thread(target=player, args=("a", mine, yours))
second = threading.Thread(target=player, args=("b", yours, mine))
first.start()
second.start()
first.join()
second.join()
