"""Softmax regression with a hidden tanh layer; the probabilities are read again after the delta is made."""
import numpy as np

rng = np.random.default_rng(21)
X = rng.normal(size=(64, 3))
labels = (X[:, 0] > 0).astype(int) * 2 + (X[:, 1] * X[:, 2] > 0).astype(int)  #@ mark labels
n, k = len(X), 4

Wh = rng.normal(scale=0.6, size=(3, 10))  #@ init
bh = np.zeros(10)
Wo = rng.normal(scale=0.6, size=(10, k))  #@ init
bo = np.zeros(k)


def softmax(s):
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)  #@ swap slug=softmax-axis old=e.sum(axis=1,keepdims=True) new=e.sum(axis=0,keepdims=True) ; swap slug=softmax-axis old=e.sum(axis=1,keepdims=True) new=e.sum()


history = []
for epoch in range(400):
    a = X @ Wh + bh  #@ theta Wh,bh,Wo,bo
    h = np.tanh(a)
    p = softmax(h @ Wo + bo)
    delta = p.copy()  #@ copy also=edit,reads
    delta[np.arange(n), labels] -= 1  #@ mark edit
    delta /= n
    loss = -np.log(p[np.arange(n), labels]).mean()  #@ loss loss ; mark reads
    accuracy = (p.argmax(axis=1) == labels).mean()
    history.append((loss, accuracy))

    gWo = h.T @ delta  #@ wg x=h bad=a
    gbo = delta.sum(axis=0)  #@ bg
    back = (delta @ Wo.T) * (1 - h * h)  #@ act f=tanh d=(1-h*h) a=h z=a
    gWh = X.T @ back
    gbh = back.sum(axis=0)  #@ bg ; grad gWh,gbh,gWo,gbo
    for theta, g in ((Wh, gWh), (bh, gbh), (Wo, gWo), (bo, gbo)):
        theta -= 1.0 * g  #@ upd local=theta ; swap slug=learning-rate-too-high old=1.0 new=300.0
print("loss %.4f accuracy %.3f" % history[-1])
