"""A scalar automatic differentiation engine."""

import math


class Scalar:
    def __init__(self, value, parents=()):
        self.value = value
        self.grad = 0.0
        self._parents = parents
        self._pull = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.value + other.value, (self, other))

        def pull():
            self.grad += out.grad
            other.grad += out.grad

        out._pull = pull
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        out = Scalar(self.value * other.value, (self, other))

        def pull():
            self.grad += other.value * out.grad
            other.grad += self.value * out.grad

        out._pull = pull
        return out

    def __pow__(self, k):
        out = Scalar(self.value**k, (self,))

        def pull():
            self.grad += k * self.value ** (k - 1) * out.grad

        out._pull = pull
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        return self * other**-1

    def tanh(self):
        t = math.tanh(self.value)
        out = Scalar(t, (self,))

        def pull():
            self.grad += (1 - t * t) * out.grad

        out._pull = pull
        return out

    def relu(self):
        out = Scalar(max(0.0, self.value), (self,))

        def pull():
            self.grad += (out.value > 0) * out.grad

        out._pull = pull
        return out

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node._parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._pull()
