import numpy as np
np.random.seed(4)
X = np.random.rand(40, 2) * 2 - 1
y = (X[:, 0] * X[:, 1] > 0).astype(float).reshape(-1, 1)

class Net(object):
    def __init__(self, nin=2, nh=8, nout=1):
        self.params = dict(W1=np.zeros((nin, nh)), b1=np.zeros((1, nh)), W2=np.zeros((nh, nout)), b2=np.zeros((1, nout)))

    def fit(self, X, y, n_iter=300, lr=1.0):
        P = self.params
        for i in range(n_iter):
            a1 = 1 / (1 + np.exp(-(X.dot(P["W1"]) + P["b1"])))
            a2 = 1 / (1 + np.exp(-(a1.dot(P["W2"]) + P["b2"])))
            cost = -np.mean(y * np.log(a2) + (1 - y) * np.log(1 - a2))
            d2 = (a2 - y) / len(X)
            d1 = d2.dot(P["W2"].T) * a1 * (1 - a1)
            P["W2"] -= lr * a1.T.dot(d2)
            P["b2"] -= lr * d2.sum(axis=0, keepdims=True)
            P["W1"] -= lr * X.T.dot(d1)
            P["b1"] -= lr * d1.sum(axis=0, keepdims=True)
        return cost

print(Net().fit(X, y))
