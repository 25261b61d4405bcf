import numpy as np

# GloVe with AdaGrad: rows of the vectors, of the biases, and of the sums of squares.

rng = np.random.default_rng(21)
V, k = 6, 3
C = rng.poisson(3, (V, V))
pairs = np.argwhere(C > 0)
W, U, b, c = rng.normal(0, 0.2, (V, k)), rng.normal(0, 0.2, (V, k)), np.zeros(V), np.zeros(V)
gW, gU, gb, gc = np.ones((V, k)), np.ones((V, k)), np.ones(V), np.ones(V)
for epoch in range(3):
    cost = 0
    for i, j in rng.permutation(pairs):
        f = min(1.0, (C[i, j] / 8) ** 0.75)
        d = W[i] @ U[j] + b[i] + c[j] - np.log(C[i, j])
        cost += 0.5 * f * d * d
        fd = f * d
        dw, du = fd * U[j], fd * W[i]
        W[i] -= 0.05 * dw / np.sqrt(gW[i])
        U[j] -= 0.05 * du / np.sqrt(gU[j])
        b[i] -= 0.05 * fd / np.sqrt(gb[i])
        c[j] -= 0.05 * fd / np.sqrt(gc[j])
        gW[i] += dw**2
        gU[j] += du**2
        gb[i] += fd**2
        gc[j] += fd**2
    print(epoch, cost)
