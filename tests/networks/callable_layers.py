import numpy as np


class Parameter:
    def __init__(self, value):
        self.value = value
        self.grad = np.zeros_like(value)


class Module:
    def parameters(self):
        return []

    def __call__(self, x):
        return self.forward(x)


class Linear(Module):
    def __init__(self, i, o, rng):
        self.weight = Parameter(rng.normal(0, 1 / np.sqrt(i), (i, o)))  #@ init
        self.bias = Parameter(np.zeros(o))

    def parameters(self):
        return [self.weight, self.bias]

    def forward(self, x):
        self.input = x
        return x @ self.weight.value + self.bias.value

    def backward(self, g):
        self.weight.grad += self.input.T @ g
        self.bias.grad += g.sum(axis=0)  #@ bg
        return g @ self.weight.value.T  #@ err w=self.weight.value.T


class Sigmoid(Module):
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, g):
        return g * self.y * (1 - self.y)  #@ drop slug=wrong-activation-derivative term=(1-self.y) ; swap slug=missing-activation-derivative old=g*self.y*(1-self.y) new=g ; swap slug=missing-upstream-gradient old=g*self.y*(1-self.y) new=self.y*(1-self.y) ; act f=sigmoid d=self.y*(1-self.y) a=self.y


class Net(Module):
    def __init__(self, rng):
        self.layers = [Linear(3, 7, rng), Sigmoid(), Linear(7, 7, rng), Sigmoid(), Linear(7, 2, rng)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def backward(self, g):
        for layer in self.layers[::-1]:
            g = layer.backward(g)

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = params, lr

    def zero_grad(self):
        for p in self.params:
            p.grad[...] = 0  #@ stmt slug=gradient-accumulation new=pass

    def step(self):
        for p in self.params:
            p.value -= self.lr * p.grad  #@ upd


rng = np.random.default_rng(58)
X = rng.normal(size=(40, 3))
Y = np.c_[X[:, 0] * X[:, 1], np.tanh(X[:, 2])]
net = Net(rng)
opt = SGD(net.parameters(), lr=0.5)
for epoch in range(400):
    opt.zero_grad()
    out = net(X)  #@ theta [p.value for p in opt.params]
    loss = ((out - Y) ** 2).sum() / len(X)  #@ loss loss
    net.backward(2 * (out - Y) / len(X))  #@ grad [p.grad for p in opt.params] ; scale n=len(X) u=1 ; swap slug=gradient-ascent old=out-Y new=Y-out
    opt.step()
    if epoch % 100 == 0:
        print(epoch, loss)
