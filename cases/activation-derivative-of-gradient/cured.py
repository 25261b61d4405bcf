import numpy as np


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    dx = np.where(cache > 0, dout, 0)
    return dx


def softmax_loss(scores, y):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[np.arange(len(y)), y].mean()
    dscores = np.exp(log_probs)
    dscores[np.arange(len(y)), y] -= 1
    return loss, dscores / len(y)


class ThreeLayerNet:
    def __init__(self, dims, reg=1e-3, seed=0):
        rng = np.random.RandomState(seed)
        self.reg = reg
        self.params = {}
        for k in range(3):
            self.params[f"W{k + 1}"] = rng.randn(dims[k], dims[k + 1]) * np.sqrt(2 / dims[k])
            self.params[f"b{k + 1}"] = np.zeros(dims[k + 1])

    def loss(self, X, y):
        caches, out = [], X
        for k in (1, 2, 3):
            out, fc = affine_forward(out, self.params[f"W{k}"], self.params[f"b{k}"])
            act = None
            if k < 3:
                out, act = relu_forward(out)
            caches.append((fc, act))
        loss, dout = softmax_loss(out, y)
        grads = {}
        for k in (3, 2, 1):
            fc, act = caches[k - 1]
            if act is not None:
                dout = relu_backward(dout, act)
            dout, grads[f"W{k}"], grads[f"b{k}"] = affine_backward(dout, fc)
            loss += 0.5 * self.reg * np.sum(self.params[f"W{k}"] ** 2)
            grads[f"W{k}"] += self.reg * self.params[f"W{k}"]
        return loss, grads


rng = np.random.RandomState(3)
X = rng.randn(90, 2)
y = (np.hypot(X[:, 0], X[:, 1]) > 1.1).astype(int) + (X[:, 0] > 1)
model = ThreeLayerNet([2, 16, 12, 3], seed=1)
for it in range(200):
    loss, grads = model.loss(X, y)
    for name in model.params:
        model.params[name] -= 0.3 * grads[name]
    if it % 40 == 0:
        print("(Iteration %d / 200) loss: %f" % (it, loss))
