import numpy as np

# three kinds of leaves by length and width; softmax regression with a hidden layer
rng = np.random.default_rng(41)
kinds = ["oak", "beech", "birch"]
length = np.concatenate([rng.normal(m, 0.5, 15) for m in (9.0, 6.0, 4.0)])
width = np.concatenate([rng.normal(m, 0.4, 15) for m in (4.0, 5.0, 2.5)])
leaf = np.column_stack([length, width])
leaf = (leaf - leaf.mean(axis=0)) / leaf.std(axis=0)
kind = np.repeat([1, 2, 3], 15)  # as in the herbarium's list


class Classifier:
    def __init__(self, inputs, hidden, classes):
        self.A = rng.normal(size=(inputs, hidden)) / np.sqrt(inputs)
        self.a = np.zeros(hidden)
        self.B = rng.normal(size=(hidden, classes)) / np.sqrt(hidden)
        self.b = np.zeros(classes)

    def probabilities(self, x):
        self.h = np.tanh(x @ self.A + self.a)
        s = self.h @ self.B + self.b
        e = np.exp(s - s.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def learn(self, x, onehot, rate):
        p = self.probabilities(x)
        ds = (p - onehot) / len(x)
        dh = ds @ self.B.T * (1 - self.h**2)
        self.B -= rate * self.h.T @ ds
        self.b -= rate * ds.sum(axis=0)
        self.A -= rate * x.T @ dh
        self.a -= rate * dh.sum(axis=0)
        return -np.mean(np.sum(onehot * np.log(p), axis=1))


net = Classifier(2, 6, len(kinds))
onehot = np.eye(len(kinds))[kind - 1]
for epoch in range(200):
    loss = net.learn(leaf, onehot, 0.5)
answer = np.argmax(net.probabilities(leaf), axis=1)
print("loss", loss, "right", np.mean(answer + 1 == kind))
