import random

import numpy as np


class Network(object):
    """Feed-forward net; column vectors, one sample at a time, summed over a mini-batch."""

    def __init__(self, layer_sizes):
        self.n_layers = len(layer_sizes)
        self.biases = [np.random.randn(n, 1) for n in layer_sizes[1:]]  #@ init
        self.weights = [np.random.randn(m, n) for n, m in zip(layer_sizes[:-1], layer_sizes[1:])]  #@ init

    def predict(self, a):
        for b, w in zip(self.biases, self.weights):
            a = squash(np.dot(w, a) + b)
        return a

    def fit(self, samples, epochs, batch_size, rate):
        for e in range(epochs):
            random.shuffle(samples)
            for k in range(0, len(samples), batch_size):
                self.learn_batch(samples[k:k + batch_size], rate)
            if e % 10 == 0:
                print("epoch", e, "correct", self.score(samples), "/", len(samples))

    def learn_batch(self, batch, rate):
        sum_b = [np.zeros(b.shape) for b in self.biases]  #@ theta self.weights,self.biases ; silent
        sum_w = [np.zeros(w.shape) for w in self.weights]
        for x, t in batch:
            gb, gw = self.gradient(x, t)
            sum_b = [s + g for s, g in zip(sum_b, gb)]  #@ swap slug=gradient-accumulation old=s+g new=g
            sum_w = [s + g for s, g in zip(sum_w, gw)]  #@ swap slug=gradient-accumulation old=s+g new=g
        self.weights = [w - rate / len(batch) * g for w, g in zip(self.weights, sum_w)]  #@ swap slug=gradient-ascent old=w-rate/len(batch)*g new=w+rate/len(batch)*g
        self.biases = [b - rate / len(batch) * g for b, g in zip(self.biases, sum_b)]  #@ swap slug=gradient-ascent old=b-rate/len(batch)*g new=b+rate/len(batch)*g ; swap slug=bias-gradient-scale old=rate/len(batch) new=rate ; upd noflip=1 ; implied rate/len(batch)

    def gradient(self, x, t):
        gb = [None] * len(self.biases)
        gw = [None] * len(self.weights)
        acts, zs = [x], []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, acts[-1]) + b
            zs.append(z)
            acts.append(squash(z))
        delta = (acts[-1] - t) * squash_prime(zs[-1])  #@ loss+ 0.5*((acts[-1]-t)**2).sum() ; act f=sigmoid d=squash_prime(zs[-1]) a=acts[-1] z=zs[-1] out=1 ; swap slug=gradient-ascent old=(acts[-1]-t) new=(t-acts[-1])
        gb[-1] = delta
        gw[-1] = np.dot(delta, acts[-2].T)  #@ wg x=acts[-2] bad=zs[-2]
        for l in range(2, self.n_layers):
            delta = np.dot(self.weights[-l + 1].T, delta) * squash_prime(zs[-l])  #@ act f=sigmoid d=squash_prime(zs[-l]) a=acts[-l] z=zs[-l] ; err w=self.weights[-l+1].T ; swap slug=wrong-activation-derivative old=squash_prime(zs[-l]) new=(1-squash(zs[-l]))
            gb[-l] = delta
            gw[-l] = np.dot(delta, acts[-l - 1].T)  #@ wg x=acts[-l-1] bad=acts[-l]
        return gb, gw

    def score(self, samples):
        return sum(int(np.argmax(self.predict(x)) == np.argmax(t)) for x, t in samples)


def squash(z):
    return 1.0 / (1.0 + np.exp(-z))


def squash_prime(z):
    return squash(z) * (1 - squash(z))


np.random.seed(5)
random.seed(5)
data = []
for _ in range(60):
    p = np.random.uniform(-1, 1, (2, 1))
    label = np.zeros((2, 1))
    label[int(p[0, 0] * p[1, 0] > 0)] = 1
    data.append((p, label))

net = Network([2, 5, 5, 2])
net.fit(data, 40, 10, 3.0)
print("final", net.score(data))
