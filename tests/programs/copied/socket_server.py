"""A server that a peer connects to."""
import socket
import sys

peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
server = socket.create_server(("127.0.0.1", 0))
server.settimeout(10)
port = server.getsockname()[1]
peer.sendall(f"connect {port}\n".encode())
connection, address = server.accept()
family = len(address)
got = b""
while b"end" not in got:
    piece = connection.recv(100)
    got += piece
    connection.send(piece.upper())
connection.close()
server.close()
peer.close()
words = got.split()
