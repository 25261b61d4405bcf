import numpy as np

# A restricted Boltzmann machine whose biases are a row and a column of its one matrix; the printed error of the
# reconstruction is not what is descended.

rng = np.random.default_rng(5)
seen = np.array([[1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1]])


class Machine:
    def __init__(self, visible, hidden):
        self.matrix = np.insert(np.insert(rng.uniform(-0.1, 0.1, (visible, hidden)), 0, 0, axis=0), 0, 0, axis=1)

    def on(self, z):
        return 1.0 / (1 + np.exp(-z))

    def learn(self, v, rounds, rate):
        v = np.insert(v, 0, 1, axis=1)
        for _ in range(rounds):
            awake = self.on(np.dot(v, self.matrix))
            awake[:, 0] = 1
            fires = awake > rng.random(awake.shape)
            wanted = np.dot(v.T, awake)
            dream = self.on(np.dot(fires, self.matrix.T))
            dream[:, 0] = 1
            unwanted = np.dot(dream.T, self.on(np.dot(dream, self.matrix)))
            self.matrix += rate * ((wanted - unwanted) / len(v))
            print(np.sum((v - dream) ** 2))


Machine(5, 2).learn(seen, 200, 0.1)
