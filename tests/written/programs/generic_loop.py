import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Network:
    def __init__(self, sizes):
        rs = np.random.RandomState(7)
        self.num_layers = len(sizes)
        self.biases = [rs.randn(y, 1) * 0.3 for y in sizes[1:]]
        self.weights = [rs.randn(y, x) / np.sqrt(x) for x, y in zip(sizes[:-1], sizes[1:])]

    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a

    def total_cost(self, data):
        c = 0.0
        for x, y in data:
            a = self.feedforward(x)
            c -= np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))
        return c / len(data)

    def SGD(self, data, epochs, batch, eta):
        rs = np.random.RandomState(1)
        for j in range(epochs):
            order = rs.permutation(len(data))
            for k in range(0, len(data), batch):
                self.update([data[i] for i in order[k:k + batch]], eta)
            if j % 25 == 0 or j == epochs - 1:
                print("Epoch {0}: cost {1:.4f}".format(j, self.total_cost(data)))

    def update(self, batch, eta):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            db, dw = self.backprop(x, y)
            nabla_b = [nb + d for nb, d in zip(nabla_b, db)]
            nabla_w = [nw + d for nw, d in zip(nabla_w, dw)]
        self.weights = [w - eta / len(batch) * nw for w, nw in zip(self.weights, nabla_w)]
        self.biases = [b - eta / len(batch) * nb for b, nb in zip(self.biases, nabla_b)]

    def backprop(self, x, y):
        activations, zs = [x], []
        for b, w in zip(self.biases, self.weights):
            zs.append(np.dot(w, activations[-1]) + b)
            activations.append(sigmoid(zs[-1]))
        db, dw = [None] * len(zs), [None] * len(zs)
        error = activations[-1] - y
        for l in range(1, self.num_layers):
            delta = error if l == 1 else error * sigmoid_prime(zs[-l])
            db[-l] = delta
            dw[-l] = np.dot(delta, activations[-l - 1].T)
            error = np.dot(self.weights[-l].T, delta)
        return db, dw


rs = np.random.RandomState(5)
pts = rs.uniform(-1, 1, (40, 2))
data = [(2 * p.reshape(2, 1), np.array([[float(p[0] > p[1])], [float(abs(p[0]) < 0.5)]])) for p in pts]
net = Network([2, 8, 2])

if __name__ == "__main__":
    net.SGD(data, 100, 5, 1.0)
