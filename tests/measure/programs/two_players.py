import numpy as np

# The generator learns from a critic that has just moved: its pass comes after the critic's update.

rng = np.random.default_rng(40)


def sig(x):
    return 1 / (1 + np.exp(-x))


G1, c1, G2, c2 = rng.normal(0, 0.5, (2, 8)), np.zeros(8), rng.normal(0, 0.5, (8, 1)), np.zeros(1)
D1, e1, D2, e2 = rng.normal(0, 0.5, (1, 8)), np.zeros(8), rng.normal(0, 0.5, (8, 1)), np.zeros(1)
lr, n = 0.02, 32
for t in range(200):
    real = rng.normal(2, 0.5, (n, 1))
    z = rng.normal(size=(n, 2))
    hg = np.tanh(z @ G1 + c1)
    fake = hg @ G2 + c2
    hr = np.tanh(real @ D1 + e1)
    pr = sig(hr @ D2 + e2)
    hf = np.tanh(fake @ D1 + e1)
    pf = sig(hf @ D2 + e2)
    d_loss = -np.mean(np.log(pr)) - np.mean(np.log(1 - pf))
    dr = (pr - 1) / n
    df = pf / n
    gD2 = hr.T @ dr + hf.T @ df
    ge2 = dr.sum(0) + df.sum(0)
    kr = dr @ D2.T * (1 - hr**2)
    kf = df @ D2.T * (1 - hf**2)
    gD1 = real.T @ kr + fake.T @ kf
    ge1 = kr.sum(0) + kf.sum(0)
    D1 -= lr * gD1
    e1 -= lr * ge1
    D2 -= lr * gD2
    e2 -= lr * ge2
    z = rng.normal(size=(n, 2))
    hg = np.tanh(z @ G1 + c1)
    fake = hg @ G2 + c2
    hf = np.tanh(fake @ D1 + e1)
    pf = sig(hf @ D2 + e2)
    g_loss = -np.mean(np.log(pf))
    d = (pf - 1) / n
    k = d @ D2.T * (1 - hf**2)
    dx = k @ D1.T
    gG2 = hg.T @ dx
    gc2 = dx.sum(0)
    dh = dx @ G2.T * (1 - hg**2)
    gG1 = z.T @ dh
    gc1 = dh.sum(0)
    G1 -= lr * gG1
    c1 -= lr * gc1
    G2 -= lr * gG2
    c2 -= lr * gc2
    if t % 50 == 0:
        print(t, d_loss, g_loss, fake.mean())
