import numpy as np

np.random.seed(19)


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    mu = 1. / N * np.sum(x, axis=0)
    xmu = x - mu
    var = 1. / N * np.sum(xmu ** 2, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1. / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return out, (xhat, gamma, xmu, ivar, sqrtvar)


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    # through 1 / sqrt(var)
    divar = np.sum(dxhat * xmu, axis=0)
    dvar = -0.5 * divar * ivar ** 3
    # through the two uses of x - mu
    dxmu = dxhat * ivar + 2. / N * xmu * dvar
    # through the mean
    dmu = -np.sum(dxmu, axis=0)
    dx = dxmu
    return dx, dgamma, dbeta


# three spirals
N, K = 30, 3
X = np.zeros((N * K, 2))
y = np.repeat(np.arange(K), N)
for j in range(K):
    r = np.linspace(0.1, 1, N)
    t = np.linspace(j * 4, (j + 1) * 4, N) + np.random.randn(N) * 0.15
    X[j * N:(j + 1) * N] = np.c_[r * np.sin(t), r * np.cos(t)]

h = 24
W1 = 0.5 * np.random.randn(2, h)
gamma = np.ones(h)
beta = 0.1 * np.random.randn(h)
W2 = 0.3 * np.random.randn(h, K)
b2 = np.zeros(K)

for i in range(400):
    z1 = np.dot(X, W1)
    zn, bn_cache = batchnorm_forward(z1, gamma, beta)
    hidden = np.tanh(zn)
    scores = np.dot(hidden, W2) + b2
    probs = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = np.mean(-np.log(probs[range(N * K), y]))
    if i % 100 == 0:
        print("iteration %d: loss %f" % (i, loss))

    dscores = probs.copy()
    dscores[range(N * K), y] -= 1
    dscores /= N * K
    dhidden = np.dot(dscores, W2.T)
    dz1, dgamma, dbeta = batchnorm_backward(dhidden * (1 - hidden ** 2), bn_cache)

    W2 -= 1.0 * np.dot(hidden.T, dscores)
    b2 -= 1.0 * np.sum(dscores, axis=0)
    gamma -= 1.0 * dgamma
    beta -= 1.0 * dbeta
    W1 -= 1.0 * np.dot(X.T, dz1)
