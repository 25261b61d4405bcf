import numpy as np

np.random.seed(16)
n_in, n_hid, n_out = 3, 5, 2
w_ih = np.random.uniform(-0.8, 0.8, (n_in + 1, n_hid))
w_ho = np.random.uniform(-0.8, 0.8, (n_hid + 1, n_out))
patterns = np.random.uniform(0, 1, (20, n_in))
teach = np.stack([patterns[:, 0] > patterns[:, 1], patterns.sum(1) > 1.5], axis=1) * 0.8 + 0.1
eta = 0.5


def squash(v):
    return 1.0 / (1.0 + np.exp(-v))


for epoch in range(200):
    sse = 0.0
    for x, t in zip(patterns, teach):
        xi = np.append(x, 1.0)
        hid = np.append(squash(xi @ w_ih), 1.0)
        out = squash(hid @ w_ho)
        sse += 0.5 * np.sum((t - out) ** 2)

        d_out = (t - out) * out * (1 - out)
        d_hid = np.zeros(n_hid)
        for j in range(n_hid):
            d_hid[j] = np.sum(d_out * w_ho[j]) * hid[j] * (1 - hid[j])
        for j in range(n_hid + 1):
            for k in range(n_out):
                w_ho[j, k] += eta * d_out[k] * hid[j]
        for i in range(n_in + 1):
            for j in range(n_hid):
                w_ih[i, j] += eta * d_hid[j] * xi[i]
    if epoch % 50 == 0 or epoch == 199:
        print("epoch %d sse %.5f" % (epoch, sse))
