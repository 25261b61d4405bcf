import numpy as np

rng = np.random.default_rng(42)


class Dense:
    def __init__(self, n_in, n_out):
        self.W = rng.normal(0, np.sqrt(2.0 / n_in), (n_in, n_out))  #@ init
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b  #@ mark dense

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)  #@ bg
        return grad @ self.W.T  #@ err w=self.W.T

    def update(self, lr):
        self.W -= lr * self.dW  #@ upd
        self.b -= lr * self.db  #@ upd


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.x > 0)  #@ act f=relu d=(self.x>0) z=self.x

    def update(self, lr):
        pass


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad):
        return grad * (1 - self.out ** 2)  #@ act f=tanh d=(1-self.out**2) a=self.out

    def update(self, lr):
        pass


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        self.p = e / e.sum(axis=1, keepdims=True)
        self.labels = labels
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()

    def backward(self):
        g = self.p.copy()
        g[np.arange(len(self.labels)), self.labels] -= 1  #@ swap slug=loss-derivative old=1 new=0.5
        return g / len(self.labels)  #@ scale n=len(self.labels) u=1


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)

    def update(self, lr):
        for layer in self.layers:
            layer.update(lr)


X = rng.standard_normal((90, 2))
radius = np.sqrt((X ** 2).sum(axis=1))
labels = np.digitize(radius, [0.8, 1.5])

model = Sequential(Dense(2, 8), Tanh(), Dense(8, 8), ReLU(), Dense(8, 3))
criterion = SoftmaxCrossEntropy()
for epoch in range(300):
    logits = model.forward(X)  #@ theta [[l.W,l.b] for l in model.layers[::2]]
    loss = criterion.forward(logits, labels)  #@ loss loss
    model.backward(criterion.backward())  #@ grad [[l.dW,l.db] for l in model.layers[::2]]
    model.update(0.2)
    if epoch % 100 == 0:
        print(f"epoch {epoch}: loss {loss:.4f}")
print("accuracy:", (model.forward(X).argmax(axis=1) == labels).mean())
