# oracle: lifetimes
import gc

log = []


def worker(holder):
    try:
        yield holder
    finally:
        log.append("collected")


gc.collect()
holder = []
source = worker(holder)
holder.append(source)
next(source)
del holder, source
gc.collect()
count = len(log)
