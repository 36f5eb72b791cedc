"""The error that is shown is not the one that happened."""


class Connection:
    def __init__(self):
        self.handle = None

    def open(self, address):
        if ":" not in address:
            raise ValueError(f"no port in {address!r}")
        self.handle = address

    def close(self):
        self.handle.release()


def fetch(address):
    connection = Connection()
    try:
        connection.open(address)
    finally:
        connection.close()


fetch("example.org")
