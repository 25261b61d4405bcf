import numpy as np


class Layer:
    alpha = 0.05

    def __init__(self, weights):
        self._weights = weights
        self._bias = np.zeros(weights.shape[1])
        self._in = self._pre = None

    @property
    def weights(self):
        return self._weights

    @weights.setter
    def weights(self, value):
        self._weights = value

    def __call__(self, values, linear=False):
        self._in = values
        self._pre = values @ self.weights + self._bias
        self._linear = linear
        return self._pre if linear else np.maximum(self._pre, self.alpha * self._pre)

    def back(self, upstream, lr):
        delta = upstream if self._linear else upstream * np.where(self._pre > 0, 1, self.alpha)  #@ act f=leaky d=np.where(self._pre>0,1,self.alpha) z=self._pre ; swap slug=activation-slope-mismatch old=self.alpha new=0 ; swap slug=activation-slope-mismatch old=self.alpha new=0.5
        below = delta @ self.weights.T  #@ mark uses_weights
        self.weights = self.weights - lr * self._in.T @ delta  #@ upd before=uses_weights
        self._bias = self._bias - lr * delta.sum(axis=0)  #@ upd ; bg
        return below


rng = np.random.default_rng(64)
layers = [Layer(rng.normal(size=shape) / np.sqrt(shape[0])) for shape in ((2, 9), (9, 9), (9, 1))]
xs = rng.uniform(-1, 1, (40, 2))
ys = np.hypot(xs[:, :1], xs[:, 1:])
for epoch in range(400):
    h = layers[0](xs)  #@ theta [[l._weights,l._bias] for l in layers]
    h = layers[1](h)
    pred = layers[2](h, linear=True)
    error = pred - ys  #@ loss 0.5*np.mean(error**2) ; swap slug=gradient-ascent old=pred-ys new=ys-pred
    g = error / len(xs)  #@ scale n=len(xs) u=1
    for layer in reversed(layers):  #@ implied 0.1
        g = layer.back(g, 0.1)
    if epoch % 100 == 0:
        print(epoch, 0.5 * np.mean(error ** 2))
