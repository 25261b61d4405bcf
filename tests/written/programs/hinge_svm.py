import numpy as np


def svm_loss(scores, y):
    n = len(y)
    right = scores[np.arange(n), y][:, None]
    margins = np.maximum(0, scores - right + 1.0)
    margins[np.arange(n), y] = 0
    loss = margins.sum() / n
    ds = (margins > 0).astype(float)
    ds[np.arange(n), y] = -ds.sum(axis=1)
    return loss, ds / n


class TwoLayerNet:
    def __init__(self, d, h, c, std=0.4):
        rng = np.random.RandomState(10)
        self.params = {"W1": std * rng.randn(d, h), "b1": np.zeros(h), "W2": std * rng.randn(h, c), "b2": np.zeros(c)}

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        hidden = np.tanh(X.dot(W1) + b1)
        scores = hidden.dot(W2) + b2
        if y is None:
            return scores
        data_loss, ds = svm_loss(scores, y)
        loss = data_loss + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dh = ds.dot(W2.T) * (1 - hidden ** 2)
        grads = {
            "W2": hidden.T.dot(ds) + 2 * reg * W2, "b2": ds.sum(axis=0),
            "W1": X.T.dot(dh) + 2 * reg * W1, "b1": dh.sum(axis=0),
        }
        return loss, grads

    def train(self, X, y, lr=0.1, reg=1e-3, iters=400, batch=20):
        rng = np.random.RandomState(0)
        for it in range(iters):
            idx = rng.choice(len(X), batch, replace=False)
            loss, grads = self.loss(X[idx], y[idx], reg)
            for k in self.params:
                self.params[k] -= lr * grads[k]
            if it % 100 == 0:
                print("iteration %d / %d: loss %f" % (it, iters, loss))


rng = np.random.RandomState(3)
y = np.arange(60) % 4
X = np.array([[1, 1, 0], [-1, 1, 0], [0, -1, 1], [0, -1, -1.0]])[y] + 0.35 * rng.randn(60, 3)
net = TwoLayerNet(3, 8, 4)

if __name__ == "__main__":
    net.train(X, y)
    print("train accuracy", (net.loss(X).argmax(axis=1) == y).mean())
