"""Two-layer regression network, written as a class."""
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_derivative(z):
    s = sigmoid(z)
    return s * (1 - s)


class NeuralNetwork:
    def __init__(self, n_in, n_hidden, n_out, lr=0.3, seed=0):
        r = np.random.default_rng(seed)
        self.W1 = r.standard_normal((n_in, n_hidden))  #@ init ; swap slug=initialisation-scale old=r.standard_normal((n_in,n_hidden)) new=r.standard_normal((n_in,n_hidden))*500 noline=1
        self.b1 = r.standard_normal(n_hidden)  #@ init
        self.W2 = r.standard_normal((n_hidden, n_out))  #@ init
        self.b2 = np.zeros(n_out)
        self.lr = lr  #@ swap slug=learning-rate-too-high old=lr new=lr*200 noline=1

    def forward(self, X):
        self.X = X
        self.z1 = X @ self.W1 + self.b1
        self.a1 = sigmoid(self.z1)
        self.out = self.a1 @ self.W2 + self.b2
        return self.out

    def loss(self, y):
        return np.mean((self.out - y) ** 2)

    def backward(self, y):
        n = y.shape[0] * y.shape[1]
        d_out = 2 * (self.out - y) / n  #@ loss self.loss(y) ; scale n=n u=1 ; swap slug=gradient-ascent old=(self.out-y) new=(y-self.out) ; swap slug=loss-derivative old=(self.out-y) new=self.out ; swap slug=unneeded-output-derivative old=2*(self.out-y)/n new=2*(self.out-y)/n*sigmoid_derivative(self.out)
        self.dW2 = self.a1.T @ d_out  #@ wg x=self.a1 bad=self.z1
        self.db2 = d_out.sum(axis=0)  #@ bg
        d_a1 = d_out @ self.W2.T
        d_z1 = d_a1 * sigmoid_derivative(self.z1)  #@ act f=sigmoid d=sigmoid_derivative(self.z1) a=self.a1 z=self.z1
        self.dW1 = self.X.T @ d_z1
        self.db1 = d_z1.sum(axis=0)  #@ bg ; grad self.dW1,self.db1,self.dW2,self.db2

    def step(self):
        self.W1 = self.W1 - self.lr * self.dW1  #@ upd
        self.b1 = self.b1 - self.lr * self.db1  #@ upd
        self.W2 = self.W2 - self.lr * self.dW2  #@ upd
        self.b2 = self.b2 - self.lr * self.db2  #@ upd


gen = np.random.default_rng(3)
X = gen.uniform(-1, 1, (40, 2))
y = np.c_[X[:, 0] * X[:, 1], X[:, 0] - X[:, 1] ** 2]

net = NeuralNetwork(2, 6, 2)
for epoch in range(1500):
    net.forward(X)  #@ theta net.W1,net.b1,net.W2,net.b2
    if epoch % 500 == 0:
        print(epoch, net.loss(y))
    net.backward(y)
    net.step()
print("final loss", net.loss(y))
