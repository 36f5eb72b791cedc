"""Messages with descriptors over a Unix socket."""
import os
import socket

here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
read, write = os.pipe()
socket.send_fds(here, [b"take this"], [read])
text, descriptors, flags, address = socket.recv_fds(there, 100, 1)
os.write(write, b"through it")
got = os.read(descriptors[0], 100)
here.sendmsg([b"a", b"b"])
data, control, flags, address = there.recvmsg(10)
here.close()
there.close()
