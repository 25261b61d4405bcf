import numpy as np

# 5 x 5 letters, one bit a pixel, with some pixels flipped
FONT = {
    "T": "#####..#....#....#....#..",
    "L": ".#....#....#....#....####",
    "O": ".###.#...##...##...#.###.",
}


def load(copies, rng):
    X, y = [], []
    for k, drawing in enumerate(FONT.values()):
        letter = np.array([c == "#" for c in drawing], dtype=float)
        for _ in range(copies):
            noisy = letter.copy()
            noisy[rng.integers(0, 24)] = rng.random()
            X.append(noisy * 255)
            y.append(k)
    X = np.array(X)
    X[:, 24] = 0    # the scanner never lights the last pixel
    return X, np.array(y)


def normalise(X):
    mean = X.mean(axis=0)
    spread = X.std(axis=0)
    return (X - mean) / spread


rng = np.random.default_rng(29)
X, y = load(15, rng)
X = normalise(X)
Y = np.eye(3)[y]

W1, b1 = rng.normal(size=(25, 10)) / 5, np.zeros(10)
W2, b2 = rng.normal(size=(10, 3)) / 3, np.zeros(3)
for epoch in range(100):
    A = np.tanh(X @ W1 + b1)
    S = A @ W2 + b2
    P = np.exp(S - S.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    loss = -np.sum(Y * np.log(P)) / len(X)
    dS = (P - Y) / len(X)
    dA = dS @ W2.T * (1 - A * A)
    W2 -= 0.5 * A.T @ dS
    b2 -= 0.5 * dS.sum(axis=0)
    W1 -= 0.5 * X.T @ dA
    b1 -= 0.5 * dA.sum(axis=0)
    if epoch % 25 == 0:
        print("epoch", epoch, "loss", loss, "accuracy", np.mean(P.argmax(axis=1) == y))
