import numpy as np


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


class CrossEntropyLoss:
    def __call__(self, output, labels):
        self.labels = labels
        self.p = softmax(output)
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()

    def backward(self):
        grad = self.p.copy()
        grad[np.arange(len(grad)), self.labels] -= 1
        return grad / len(grad)


class Classifier:
    def __init__(self, n_in, n_hidden, n_classes, seed=0):
        rng = np.random.default_rng(seed)
        self.W1 = rng.normal(size=(n_in, n_hidden)) * np.sqrt(2 / n_in)
        self.b1 = np.zeros(n_hidden)
        self.W2 = rng.normal(size=(n_hidden, n_classes)) * np.sqrt(1 / n_hidden)
        self.b2 = np.zeros(n_classes)

    def forward(self, x):
        self.x = x
        self.h = np.maximum(x @ self.W1 + self.b1, 0)
        return self.h @ self.W2 + self.b2

    def backward(self, grad, lr):
        dh = grad @ self.W2.T
        dh[self.h == 0] = 0
        self.W2 -= lr * self.h.T @ grad
        self.b2 -= lr * grad.sum(axis=0)
        self.W1 -= lr * self.x.T @ dh
        self.b1 -= lr * dh.sum(axis=0)


rng = np.random.default_rng(41)
centres = rng.normal(0, 2, size=(4, 3))
labels = rng.integers(0, 4, size=100)
points = centres[labels] + rng.normal(0, 0.7, size=(100, 3))

model = Classifier(3, 12, 4, seed=1)
criterion = CrossEntropyLoss()
for epoch in range(1, 101):
    prediction = model.forward(points)
    loss = criterion(prediction, labels)
    model.backward(criterion.backward(), lr=0.2)
    if epoch % 20 == 0:
        accuracy = (prediction.argmax(axis=1) == labels).mean()
        print(f"Epoch {epoch}: loss={loss:.4f} acc={accuracy:.2%}")
