import contextlib
import io
import os
import tempfile
import unittest.mock


class Service:
    limit = 1

    def __init__(self):
        self.calls = []
        self.state = {"open": False}

    def run(self):
        self.calls.append("run")
        return len(self.calls)


@contextlib.contextmanager
def opened(service):
    service.state["open"] = True
    try:
        yield service.state
    finally:
        service.state["open"] = False


service = Service()
with opened(service) as state:
    state["used"] = 1
with unittest.mock.patch.object(service, "limit", 5):
    within = service.limit
after = service.limit
with unittest.mock.patch.dict(service.state, {"extra": 1}):
    within = len(service.state)
after = len(service.state)
with contextlib.ExitStack() as stack:
    stack.callback(service.calls.append, "left")
    stack.callback(service.state.clear)
    stack.enter_context(opened(service))
    within = 1
after = len(service.calls)
out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("text")
lines = out.getvalue()
with contextlib.suppress(KeyError):
    service.state.pop("nothing")
after = 2
