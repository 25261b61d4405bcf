import numpy as np

# Steps of one length in every entry: only the sign of the gradient is used.
rng = np.random.default_rng(31)
X = rng.normal(size=(20, 5))
Y = np.sin(X[:, :2]) + 0.1 * X[:, 3:]
W1, b1 = rng.normal(0, 0.5, (5, 6)), np.zeros(6)
W2, b2 = rng.normal(0, 0.5, (6, 2)), np.zeros(2)

for epoch in range(300):
    z1 = X @ W1 + b1  #@ theta W1,b1,W2,b2
    h = np.tanh(z1)
    out = h @ W2 + b2
    loss = np.mean((out - Y) ** 2)  #@ loss loss
    d2 = 2 * (out - Y) / out.size
    g_W2 = h.T @ d2  #@ wg x=h bad=z1
    g_b2 = d2.sum(axis=0)  #@ bg
    d1 = (d2 @ W2.T) * (1 - h**2)  #@ act f=tanh d=(1-h**2) a=h z=z1 ; err e=d2 raw=d2*W2.T
    g_W1 = X.T @ d1
    g_b1 = d1.sum(axis=0)  #@ bg ; grad g_W1,g_b1,g_W2,g_b2
    W1 -= 0.003 * np.sign(g_W1)
    b1 -= 0.003 * np.sign(g_b1)
    W2 -= 0.003 * np.sign(g_W2)
    b2 -= 0.003 * np.sign(g_b2)
    if epoch % 100 == 0:
        print(epoch, loss)
