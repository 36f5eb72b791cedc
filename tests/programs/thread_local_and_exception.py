# oracle: concurrent
import threading

storage = threading.local()
caught = []
threading.excepthook = lambda arguments: caught.append(arguments.exc_type)


def work():
    storage.value = [1]
    storage.value.append(2)
    raise ValueError("in a thread")


thread = threading.Thread(target=work)
thread.start()
thread.join()
count = len(caught)
