import numpy as np


class SoftmaxNet:
    def __init__(self, n_in, n_hidden, n_out, rng):
        self.W1 = rng.normal(size=(n_in, n_hidden)) / np.sqrt(n_in)
        self.b1 = np.zeros((1, n_hidden))
        self.W2 = rng.normal(size=(n_hidden, n_out)) / np.sqrt(n_hidden)
        self.b2 = np.zeros((1, n_out))

    def predict(self, X):
        self.hidden = np.tanh(X.dot(self.W1) + self.b1)
        scores = self.hidden.dot(self.W2) + self.b2
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.probs = powers / powers.sum(axis=1, keepdims=True)
        return self.probs

    def learn(self, X, labels, rate):
        n = len(labels)
        delta = self.probs
        delta[np.arange(n), labels] -= 1
        delta_hidden = delta.dot(self.W2.T) * (1 - self.hidden ** 2)
        self.W2 -= rate * self.hidden.T.dot(delta) / n
        self.b2 -= rate * delta.mean(axis=0, keepdims=True)
        self.W1 -= rate * X.T.dot(delta_hidden) / n
        self.b1 -= rate * delta_hidden.mean(axis=0, keepdims=True)


rng = np.random.default_rng(0)
labels = np.repeat([0, 1, 2], 12)
X = rng.normal(size=(36, 2)) * 0.5 + np.array([[0, 1], [1, -1], [-1, -1]])[labels]
model = SoftmaxNet(2, 6, 3, rng)
for epoch in range(200):
    probs = model.predict(X)
    model.learn(X, labels, 0.5)
    if epoch % 50 == 0:
        accuracy = np.mean(probs.argmax(axis=1) == labels)
        print("epoch", epoch, "accuracy", accuracy)
print("first rows:", probs[:2].round(3))
