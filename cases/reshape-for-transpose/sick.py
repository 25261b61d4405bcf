import numpy as np


class TextNet:
    """Word vectors -> one layer at every position -> dense -> class scores."""

    def __init__(self, vectors, kernels, length, classes, seed):
        rnd = np.random.RandomState(seed)
        self.length, self.kernels = length, kernels
        self.Wf = rnd.randn(vectors, kernels) * 0.5
        self.bf = np.zeros(kernels)
        self.Wo = rnd.randn(kernels * length, classes) * 0.2
        self.bo = np.zeros(classes)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.Wf + self.bf)
        # filters first, so that each filter's responses lie side by side
        self.flat = self.h.transpose(0, 2, 1).reshape(len(x), -1)
        scores = self.flat @ self.Wo + self.bo
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def backward(self, p, y):
        n = len(y)
        d = p.copy()
        d[np.arange(n), y] -= 1
        d /= n
        dflat = d @ self.Wo.T
        dh = dflat.reshape(n, self.length, self.kernels)
        dz = dh * (1 - self.h ** 2)
        return {
            "Wo": self.flat.T @ d,
            "bo": d.sum(axis=0),
            "Wf": np.tensordot(self.x, dz, axes=([0, 1], [0, 1])),
            "bf": dz.sum(axis=(0, 1)),
        }

    def fit(self, x, y, epochs, rate):
        for epoch in range(epochs):
            p = self.forward(x)
            loss = -np.mean(np.log(p[np.arange(len(y)), y]))
            slopes = self.backward(p, y)
            self.Wf -= rate * slopes["Wf"]
            self.bf -= rate * slopes["bf"]
            self.Wo -= rate * slopes["Wo"]
            self.bo -= rate * slopes["bo"]
            if epoch % 40 == 0:
                print("epoch {:3d}  loss {:.4f}".format(epoch, loss))


rnd = np.random.RandomState(64)
words = rnd.randn(12, 4)
sentences = rnd.randint(0, 12, size=(40, 5))
sentiment = (words[sentences][:, :, 0].max(axis=1) > 1).astype(int) + (words[sentences[:, 0], 1] > 0)
net = TextNet(vectors=4, kernels=6, length=5, classes=3, seed=9)
net.fit(words[sentences], sentiment, epochs=160, rate=0.4)
