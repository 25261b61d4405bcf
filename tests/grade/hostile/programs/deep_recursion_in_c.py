# tries: to overflow the stack of C
# base: right
# must: 4
import sys


def sigmoid(z):
    sys.setrecursionlimit(10**9)
    thing = []
    for _ in range(10**6):
        thing = [thing]
    return repr(thing)
