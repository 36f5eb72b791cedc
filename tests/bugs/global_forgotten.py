"""The configuration stays as it was."""

debug = False


def configure(options):
    if "--debug" in options:
        debug = True
        return debug
    return None


def log(message):
    return [message] if debug else []


configure(["--debug"])
lines = log("started")
assert lines, lines
