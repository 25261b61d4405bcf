# the input gradient of a convolution by scatter-add: no rotated kernel needed
import numpy as np

rng = np.random.default_rng(35)
images = rng.normal(size=(6, 5, 5))
target = images[:, 1:4, 1:4].mean(axis=(1, 2))
K1, K2 = rng.normal(size=(2, 2)) * 0.6, rng.normal(size=(3, 3)) * 0.4
w = rng.normal(size=4) * 0.5


def correlate(x, k):
    h, v = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return np.array([[np.sum(x[i:i + k.shape[0], j:j + k.shape[1]] * k) for j in range(v)] for i in range(h)])


def scatter(g, k, shape):
    dx = np.zeros(shape)
    for i in range(g.shape[0]):
        for j in range(g.shape[1]):
            dx[i:i + k.shape[0], j:j + k.shape[1]] += g[i, j] * k  #@ acc slug=conv-gradient ; swap slug=conv-gradient old=g[i,j] new=g[j,i] ; swap slug=conv-gradient old=g[i,j]*k new=g[i,j]*k[::-1,::-1]
    return dx


for epoch in range(12):
    total = 0.0
    for x, t in zip(images, target):
        a1 = np.tanh(correlate(x, K1))  #@ theta K1,K2,w
        a2 = np.tanh(correlate(a1, K2)).ravel()
        r = a2 @ w - t
        total += 0.5 * r ** 2  #@ loss 0.5*r**2
        d2 = (r * w * (1 - a2 ** 2)).reshape(2, 2)  #@ act f=tanh d=(1-a2**2) a=a2
        dK2 = correlate(a1, d2)
        d1 = scatter(d2, K2, a1.shape) * (1 - a1 ** 2)  #@ act f=tanh d=(1-a1**2) a=a1
        dK1, dw = correlate(x, d1), r * a2  #@ grad dK1,dK2,dw
        K1 -= 0.1 * dK1  #@ upd
        K2 -= 0.1 * dK2  #@ upd
        w -= 0.1 * dw  #@ upd
    if epoch % 4 == 0:
        print(epoch, total)
