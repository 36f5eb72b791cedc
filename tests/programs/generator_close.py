log = []


def worker(name):
    try:
        while True:
            item = yield
            log.append((name, item))
    except GeneratorExit:
        log.append("closing")
        raise
    finally:
        log.append("finally")


w = worker("w")
next(w)
w.send(1)
w.close()
unstarted = worker("never")
unstarted.close()
