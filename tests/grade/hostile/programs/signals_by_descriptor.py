# tries: to have the kernel send a signal to the grader when data arrives
# base: right
# must: 6
import fcntl
import os
import struct

for fd in (1, 3, 4):
    for act in (
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, os.getppid()),
        lambda fd: fcntl.ioctl(fd, 0x8901, struct.pack("i", os.getppid())),
        lambda fd: fcntl.fcntl(fd, 10, 9),
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC),
    ):
        try:
            act(fd)
        except OSError:
            pass
