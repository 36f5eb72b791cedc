"""A peer of a program: says its port, answers what comes in, connects where it is told to, and writes all of it down.

peer.py LOG
"""

import selectors
import socket
import sys
from typing import TextIO


def main() -> None:
    with open(sys.argv[1], "w", buffering=1) as log, selectors.DefaultSelector() as selector:
        server = socket.create_server(("127.0.0.1", 0))
        print(server.getsockname()[1], flush=True)
        selector.register(server, selectors.EVENT_READ)
        number = 0
        while True:
            for key, _ in selector.select():
                if key.fileobj is server:
                    connection, _ = server.accept()
                    number += 1
                    print(f"{number}: accepted", file=log)
                    selector.register(connection, selectors.EVENT_READ, number)
                    continue
                assert isinstance(key.fileobj, socket.socket)
                data = receive(key.fileobj)
                print(f"{key.data}: {data!r}", file=log)
                if data.startswith(b"connect "):
                    visit(int(data.split()[1]), log)
                elif data:
                    key.fileobj.sendall(b"got " + data)
                else:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1000)
    except OSError as error:
        print(error, file=sys.stderr)
        return b""


def visit(port: int, log: TextIO) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for word in (b"some ", b"words ", b"end"):
            connection.sendall(word)
            print(f"visit: {connection.recv(100)!r}", file=log)


if __name__ == "__main__":
    main()
