import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class LSTM:
    def __init__(self, n_in, n_hid, rng):
        self.H = n_hid
        self.W = rng.normal(0, 0.3, (n_in + n_hid, 4 * n_hid))  #@ init
        self.b = np.zeros(4 * n_hid)
        self.V = rng.normal(0, 0.3, (n_hid, 1))  #@ init

    def forward(self, X):
        """X: (time, batch, features); the prediction is read from the last state."""
        T, N, _ = X.shape
        H = self.H
        h, c = np.zeros((N, H)), np.zeros((N, H))
        self.cache = []
        for t in range(T):
            xh = np.hstack((X[t], h))
            a = xh @ self.W + self.b
            i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H] + 1), sigmoid(a[:, 2 * H:3 * H])
            g = np.tanh(a[:, 3 * H:])
            c_prev = c
            c = f * c_prev + i * g
            tc = np.tanh(c)
            h = o * tc
            self.cache.append((xh, i, f, o, g, c_prev, tc))  #@ swap slug=stale-cache old=(xh,i,f,o,g,c_prev,tc) new=(xh,i,f,o,g,c,tc)
        self.h = h
        return h @ self.V

    def backward(self, dy):
        dV = self.h.T @ dy
        dW, db = np.zeros_like(self.W), np.zeros_like(self.b)
        dh = dy @ self.V.T
        dc = np.zeros_like(dh)
        for xh, i, f, o, g, c_prev, tc in reversed(self.cache):
            do = dh * tc  #@ swap slug=recurrent-gradient-not-carried old=tc new=c_prev skip=1
            dc = dc + dh * o * (1 - tc ** 2)  #@ drop slug=recurrent-gradient-not-carried term=dc ; drop slug=missing-activation-derivative term=(1-tc**2) ; swap slug=wrong-activation-derivative old=(1-tc**2) new=(1-tc)
            di, df, dg = dc * g, dc * c_prev, dc * i
            da = np.hstack((
                di * i * (1 - i),  #@ swap slug=gate-derivative-missing old=di*i*(1-i) new=di ; swap slug=gate-derivative-missing old=di*i*(1-i) new=di*i
                df * f * (1 - f),  #@ swap slug=gate-derivative-missing old=df*f*(1-f) new=df ; swap slug=gate-derivative-missing old=df*f*(1-f) new=df*sigmoid(f)
                do * o * (1 - o),  #@ swap slug=gate-derivative-missing old=do*o*(1-o) new=do
                dg * (1 - g ** 2),  #@ swap slug=gate-derivative-missing old=dg*(1-g**2) new=dg ; swap slug=wrong-activation-derivative old=(1-g**2) new=g*(1-g)
            ))
            dW += xh.T @ da  #@ acc slug=shared-weight-gradient-overwritten
            db += da.sum(axis=0)  #@ acc slug=shared-weight-gradient-overwritten ; bg
            dxh = da @ self.W.T
            dh = dxh[:, -self.H:]  #@ swap slug=recurrent-gradient-not-carried old=dxh[:,-self.H:] new=np.zeros_like(dh)
            dc = dc * f  #@ drop slug=recurrent-gradient-not-carried term=f
        return dW, db, dV


rng = np.random.default_rng(14)
T, N = 6, 20
net = LSTM(2, 5, rng)
for step in range(150):
    values = rng.uniform(0, 1, (T, N))
    marks = (rng.uniform(size=(T, N)) < 0.4).astype(float)
    X = np.stack((values, marks), axis=2)
    y = (values * marks).sum(axis=0)[:, None]
    pred = net.forward(X)  #@ theta net.W,net.b,net.V
    loss = np.mean((pred - y) ** 2)  #@ loss loss
    dW, db, dV = net.backward(2 * (pred - y) / N)  #@ grad dW,db,dV ; scale n=N u=1 ; swap slug=gradient-ascent old=pred-y new=y-pred
    net.W -= 0.2 * dW  #@ upd
    net.b -= 0.2 * db  #@ upd
    net.V -= 0.2 * dV  #@ upd
    if step % 50 == 0:
        print("step", step, "mse", loss)
