class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        received = yield self.value
        return received


async def work(name):
    first = await Pause(name + "1")
    second = await Pause(name + "2")
    return [first, second]


coroutine = work("w")
asked = [coroutine.send(None), coroutine.send("one")]
try:
    coroutine.send("two")
except StopIteration as stop:
    result = stop.value
thrown = work("t")
thrown.send(None)
try:
    thrown.throw(ValueError("stop"))
except ValueError as error:
    message = str(error)
closed = work("c")
closed.send(None)
closed.close()
