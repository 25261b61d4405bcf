import numpy as np

# A recurrent network whose state goes on from stretch to stretch, without its gradient.

rng = np.random.default_rng(22)
T, H = 400, 8
s = np.sin(np.arange(T + 1) * 0.3)
U, R, b, v, c = rng.normal(0, 0.4, H), rng.normal(0, 0.3, (H, H)), np.zeros(H), rng.normal(0, 0.3, H), 0.0
for epoch in range(4):
    h0 = np.zeros(H)
    for t0 in range(0, T, 10):
        x, y = s[t0 : t0 + 10], s[t0 + 1 : t0 + 11]
        hs = [h0]
        out = []
        for xt in x:
            hs.append(np.tanh(U * xt + R @ hs[-1] + b))
            out.append(v @ hs[-1] + c)
        e = np.array(out) - y
        loss = 0.5 * np.sum(e**2)
        gU = np.zeros_like(U)
        gR = np.zeros_like(R)
        gb = np.zeros_like(b)
        gv = np.zeros_like(v)
        gc = 0.0
        dn = np.zeros(H)
        for t in reversed(range(10)):
            gv += e[t] * hs[t + 1]
            gc += e[t]
            dz = (e[t] * v + dn) * (1 - hs[t + 1] ** 2)
            gU += dz * x[t]
            gR += np.outer(dz, hs[t])
            gb += dz
            dn = R.T @ dz
        U -= 0.02 * gU
        R -= 0.02 * gR
        b -= 0.02 * gb
        v -= 0.02 * gv
        c -= 0.02 * gc
        h0 = hs[-1]
    print(epoch, loss)
