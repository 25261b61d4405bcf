import numpy as np

np.random.seed(3)
n_samples = 30
X = np.random.uniform(-1, 1, (2, n_samples))
D = np.vstack((np.sin(2 * X[0]) * X[1], X[0] ** 2))

W = [np.random.randn(7, 2) * 0.7, np.random.randn(7, 7) * 0.5, np.random.randn(2, 7) * 0.5]
b = [np.zeros((7, 1)), np.zeros((7, 1)), np.zeros((2, 1))]
eta = 0.01  #@ swap slug=learning-rate-too-high old=0.01 new=1.5 noline=1

for step in range(800):
    # forward
    v1 = W[0] @ X + b[0]  #@ theta W,b
    y1 = np.tanh(v1)
    v2 = W[1] @ y1 + b[1]
    y2 = np.tanh(v2)
    y3 = W[2] @ y2 + b[2]
    e = D - y3
    E = 0.5 * np.sum(e * e)  #@ loss E
    # backward
    d3 = -e  #@ swap slug=gradient-ascent old=-e new=e
    d2 = (W[2].T @ d3) * (1 - y2 ** 2)  #@ act f=tanh d=(1-y2**2) a=y2 z=v2
    d1 = (W[1].T @ d2) * (1 - y1 ** 2)  #@ act f=tanh d=(1-y1**2) a=y1 z=v1 ; err w=W[1].T ; swap slug=backpropagated-error-wrong old=W[1].T@d2 new=W[2].T@d3 ; mark uses_W1
    dW = [d1 @ X.T, d2 @ y1.T, d3 @ y2.T]  #@ wg x=y1 bad=v1,y2 ; wg x=y2 bad=v2,y1
    db = [d.sum(axis=1, keepdims=True) for d in (d1, d2, d3)]  #@ grad dW,db ; bg
    for k in range(3):
        W[k] = W[k] - eta * dW[k]  #@ upd
        b[k] = b[k] - eta * db[k]  #@ upd
    if step % 200 == 0:
        print(step, E)
print("final", E)
