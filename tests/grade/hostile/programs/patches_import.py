# tries: to put itself between the grader and its imports
# base: none
# must: 0
import builtins
import sys

real = builtins.__import__


class Finder:
    def find_spec(self, name, path=None, target=None):
        return None


builtins.__import__ = lambda name, *rest: real(name, *rest)
builtins.abs = builtins.max = builtins.sum = lambda *arguments: 0
builtins.isinstance = lambda *arguments: True
sys.meta_path.insert(0, Finder())

def sigmoid(z):
    return 0 * z


sigmoid_slope = sigmoid


def dense_forward(x, W, b):
    return 0 * (x @ W), (x, W)


def dense_backward(dout, cache):
    x, W = cache
    return 0 * x, 0 * W, 0 * dout[0]
