# tries: to run code in the grader when it unpickles
# base: none
# must: 0
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch {OUTSIDE}/pickled",)


def sigmoid(z):
    return Bomb()


def dense_forward(x, W, b):
    return Bomb(), Bomb()


def dense_backward(dout, cache):
    import pickle

    os.write(3, pickle.dumps(Bomb()))
    return Bomb()
