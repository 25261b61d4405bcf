import numpy as np


class Classifier:
    """Softmax regression with one hidden layer."""

    def __init__(self, rng):
        self.U = rng.normal(size=(3, 6))
        self.V = rng.normal(size=(6, 3)) / np.sqrt(6)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.U)
        scores = np.exp(self.h @ self.V)
        self.p = scores / scores.sum(axis=1, keepdims=True)
        return self.p

    def gradients(self, labels):
        delta = self.p.copy()
        delta[np.arange(len(labels)), labels] -= 1
        delta = delta / len(labels)
        below = delta @ self.V.T * (1 - self.h ** 2)
        return self.x.T @ below, self.h.T @ delta


rng = np.random.default_rng(36)
X = rng.normal(size=(30, 3))
labels = np.argmax(X + 0.3 * rng.normal(size=(30, 3)), axis=1)
model = Classifier(rng)
for epoch in range(60):
    p = model.forward(X)
    loss = -np.mean(np.log(p[np.arange(30), labels]))
    norm = np.sqrt(sum(np.sum(g ** 2) for g in model.gradients(labels)))
    if epoch % 20 == 0:
        print(f"epoch {epoch}: loss {loss:.4f}, gradient norm {norm:.4f}")
    dU, dV = model.gradients(labels)
    model.U -= 0.5 * dU
    model.V -= 0.5 * dV
