# oracle: lifetimes
from libraries import keeping
import atexit, signal, os, weakref, gc, threading, functools, operator
class User:
    def __init__(self, name):
        self.name = name
        self.items = []
change = operator.methodcaller("__setattr__", "name", "by signal")
def signals():
    user = User("a")
    handler = functools.partial(keeping.change_when_called(user), "name")
    signal.signal(signal.SIGUSR1, lambda number, frame: None)
    other = User("o")
    signal.signal(signal.SIGUSR1, keeping.handler_of(other))
    after = 0
    os.kill(os.getpid(), signal.SIGUSR1)
    after = 1
    signal.raise_signal(signal.SIGUSR1)
    after = 2
    signal.signal(signal.SIGALRM, keeping.handler_of(other))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    count = 0
    while other.count < 3:
        count += 1
        count -= 1
    after = 3
def finalisers():
    user = User("a")
    temporary = User("t")
    keep = weakref.ref(temporary, keeping.weak_handler(user))
    after = 0
    del temporary
    after = 1
    second = User("s")
    weakref.finalize(second, setattr, user, "name", "by finalize")
    after = 2
    second = None
    after = 3
def collected():
    user = User("a")
    def hook(phase, info):
        pass
    gc.callbacks.append(keeping.gc_handler(user))
    after = 0
    gc.collect()
    after = 1
    gc.callbacks.pop()
def threads():
    user = User("a")
    ready = threading.Event()
    thread = threading.Thread(target=keeping.change_later, args=(user, ready))
    thread.start()
    after = 0
    ready.wait()
    after = 1
    thread.join()
    after = 2
finalisers()
