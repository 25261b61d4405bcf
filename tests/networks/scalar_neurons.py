import math
import random


class Neuron:
    def __init__(self, n_inputs, rnd):
        self.w = [rnd.gauss(0, 1) for _ in range(n_inputs)]  #@ init
        self.bias = rnd.gauss(0, 1)  #@ init
        self.out = 0.0
        self.delta = 0.0

    def feed(self, x):
        self.x = x
        self.net = sum(wi * xi for wi, xi in zip(self.w, x)) + self.bias
        self.out = math.tanh(self.net)
        return self.out

    def learn(self, rate):
        for k in range(len(self.w)):
            self.w[k] -= rate * self.delta * self.x[k]  #@ upd
        self.bias -= rate * self.delta  #@ upd


class Layer:
    def __init__(self, size, n_inputs, rnd):
        self.neurons = [Neuron(n_inputs, rnd) for _ in range(size)]

    def feed(self, x):
        return [n.feed(x) for n in self.neurons]


class Net:
    def __init__(self, sizes, seed=4):
        rnd = random.Random(seed)
        self.layers = [Layer(m, n, rnd) for n, m in zip(sizes, sizes[1:])]

    def run(self, x):
        for layer in self.layers:
            x = layer.feed(x)
        return x

    def backprop(self, target):
        for n, t in zip(self.layers[-1].neurons, target):
            n.delta = (n.out - t) * (1 - n.out ** 2)  #@ act f=tanh d=(1-n.out**2) a=n.out z=n.net out=1 ; swap slug=gradient-ascent old=(n.out-t) new=(t-n.out)
        for upper, lower in zip(self.layers[:0:-1], self.layers[-2::-1]):
            for j, n in enumerate(lower.neurons):
                back = sum(u.w[j] * u.delta for u in upper.neurons)  #@ swap slug=backpropagated-error-wrong old=u.w[j]*u.delta new=u.delta
                n.delta = back * (1 - n.out ** 2)  #@ act f=tanh d=(1-n.out**2) a=n.out z=n.net

    def train(self, data, rate, epochs):
        for epoch in range(epochs):
            total = 0.0
            for x, t in data:
                y = self.run(x)  #@ theta [[n.w,(n.__dict__,'bias')] for L in self.layers for n in L.neurons]
                total += 0.5 * sum((a - b) ** 2 for a, b in zip(y, t))  #@ loss 0.5 * sum((a - b) ** 2 for a, b in zip(y, t))
                self.backprop(t)
                for layer in self.layers:  #@ implied rate
                    for n in layer.neurons:
                        n.learn(rate)
            if epoch % 100 == 0:
                print(epoch, round(total, 5))


if __name__ == "__main__":
    table = [([-1, -1], [-0.8, -0.8]), ([-1, 1], [0.8, -0.8]), ([1, -1], [0.8, -0.8]), ([1, 1], [-0.8, 0.8])]
    net = Net([2, 4, 2])
    net.train(table, 0.1, 400)
    for x, t in table:
        print(x, net.run(x), t)
