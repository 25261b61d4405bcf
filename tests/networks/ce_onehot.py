import numpy as np


class MLP:
    """Softmax classifier, targets as one-hot rows."""

    def __init__(self, sizes, seed=13):
        rng = np.random.default_rng(seed)
        self.Ws = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in zip(sizes[:-1], sizes[1:])]  #@ init
        self.bs = [np.zeros(n) for n in sizes[1:]]

    def forward(self, x):
        self.acts = [x]
        for i, (W, b) in enumerate(zip(self.Ws, self.bs)):
            z = self.acts[-1] @ W + b
            if i < len(self.Ws) - 1:
                self.acts.append(1 / (1 + np.exp(-z)))
            else:
                z = z - z.max(1, keepdims=True)
                ez = np.exp(z)
                self.acts.append(ez / ez.sum(1, keepdims=True))
        return self.acts[-1]

    def backward(self, t):
        gW, gb = [], []
        d = (self.acts[-1] - t) / t.shape[0]  #@ scale n=t.shape[0] u=1 ; delta out=self.acts[-1] ; swap slug=gradient-ascent old=self.acts[-1]-t new=t-self.acts[-1]
        for i in range(len(self.Ws) - 1, -1, -1):
            gW.insert(0, self.acts[i].T @ d)
            gb.insert(0, d.sum(0))  #@ bg
            if i > 0:
                d = d @ self.Ws[i].T * self.acts[i] * (1 - self.acts[i])  #@ drop slug=wrong-activation-derivative term=(1-self.acts[i]) ; swap slug=missing-activation-derivative old=d@self.Ws[i].T*self.acts[i]*(1-self.acts[i]) new=d@self.Ws[i].T ; swap slug=missing-upstream-gradient old=d@self.Ws[i].T*self.acts[i]*(1-self.acts[i]) new=self.acts[i]*(1-self.acts[i]) ; err w=self.Ws[i].T ; act f=sigmoid d=self.acts[i]*(1-self.acts[i]) a=self.acts[i]
        return gW, gb


def make_blobs(n, rng):
    centres = np.array([[0, 2.0], [2, -1], [-2, -1]])
    c = rng.integers(0, 3, n)
    return centres[c] + rng.normal(size=(n, 2)), np.eye(3)[c]  #@ mark data


X, T = make_blobs(90, np.random.default_rng(1))
net = MLP([2, 6, 6, 3])
for epoch in range(400):
    P = net.forward(X)  #@ theta net.Ws,net.bs
    loss = -np.mean(np.sum(T * np.log(P + 1e-12), axis=1))  #@ loss -np.mean(np.sum(T * np.log(P), axis=1))
    gW, gb = net.backward(T)  #@ grad gW,gb
    for i in range(len(gW)):
        net.Ws[i] -= 1.5 * gW[i]  #@ upd ; swap slug=learning-rate-too-high old=1.5 new=400.0 noline=1
        net.bs[i] -= 1.5 * gb[i]  #@ upd
    if epoch % 100 == 0:
        print(epoch, loss)
print("accuracy", (net.forward(X).argmax(1) == T.argmax(1)).mean())
