# tries: to crash the interpreter
# base: right
# must: 4
import ctypes


def sigmoid(z):
    ctypes.string_at(0)
    return z
