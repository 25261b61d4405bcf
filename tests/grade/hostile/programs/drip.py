# tries: to answer byte by byte, for ever
# base: right
# must: 4
import os
import struct
import time


def sigmoid(z):
    os.write(3, struct.pack("<4sIQ", b"bpd1", 1 << 19, 0))
    while True:
        os.write(3, b" ")
        time.sleep(0.01)
