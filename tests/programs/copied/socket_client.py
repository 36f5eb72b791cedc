"""A client of a peer that answers and notes what it gets."""
import socket
import sys

port = int(sys.argv[1])
answers = []
with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
    here = connection.getsockname()[0]
    peer = connection.getpeername()
    for number in range(10):
        connection.sendall(f"line {number}\n".encode())
        answers.append(connection.recv(100))
    file = connection.makefile("rw")
    print("by a file", file=file, flush=True)
    line = file.readline()
    buffer = bytearray(20)
    connection.sendmsg([b"two ", b"parts\n"])
    count = connection.recv_into(buffer)
    file.close()
    connection.shutdown(socket.SHUT_WR)
    end = connection.recv(10)
try:
    socket.create_connection(("127.0.0.1", 1), timeout=1)
except OSError as error:
    refused = error.errno
names = socket.getaddrinfo("127.0.0.1", port, type=socket.SOCK_STREAM)
host = socket.gethostname()
