import numpy as np


def huber(residual, width=0.5):
    small = np.abs(residual) <= width
    return np.where(small, 0.5 * residual ** 2, width * (np.abs(residual) - 0.5 * width))


def huber_slope(residual, width=0.5):
    # inside the band linear, outside constant
    small = np.abs(residual) <= width
    return np.where(small, residual, width)


class RobustNet:
    def __init__(self, n_in, n_hidden, seed):
        state = np.random.RandomState(seed)
        self.theta1 = state.normal(scale=0.7, size=(n_in, n_hidden))
        self.bias1 = state.normal(scale=0.1, size=n_hidden)
        self.theta2 = state.normal(scale=0.7, size=n_hidden)
        self.bias2 = np.zeros(1)

    def iterate(self, X, t, step):
        hidden = np.tanh(X @ self.theta1 + self.bias1)
        predicted = hidden @ self.theta2 + self.bias2
        residual = predicted - t
        loss = huber(residual).mean()

        g = huber_slope(residual) / len(t)
        g_hidden = np.outer(g, self.theta2) * (1 - hidden ** 2)
        self.theta2 -= step * hidden.T @ g
        self.bias2 -= step * g.sum()
        self.theta1 -= step * X.T @ g_hidden
        self.bias1 -= step * g_hidden.sum(axis=0)
        return loss


state = np.random.RandomState(31)
X = state.uniform(-2, 2, size=(40, 2))
t = 1.5 * np.sin(X[:, 0]) + 0.5 * X[:, 1]
t[::9] += 4.0          # some outliers
t[4::11] -= 5.0
m = RobustNet(2, 6, seed=2)
for it in range(150):
    loss = m.iterate(X, t, 0.1)
    if it % 50 == 0:
        print("iteration", it, "loss", round(loss, 5))
