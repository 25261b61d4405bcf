# tries: to hoard memory in files that have no name
# base: right
# must: 4
import os


def sigmoid(z):
    hoard = []
    while True:
        hoard.append(os.memfd_create("x"))
        os.write(hoard[-1], b"0" * (9 << 20))
