# W = W - lr * g in one layer, W += -lr * g in the other
import numpy as np

np.random.seed(60)
X, T = np.random.randn(3, 32), np.zeros((1, 32))
T[0] = 1 / (1 + np.exp(-X[0] * X[1]))
W1, b1 = np.random.randn(4, 3), np.zeros((4, 1))
W2, b2 = np.random.randn(1, 4), np.zeros((1, 1))
for i in range(500):
    A1 = np.tanh(W1 @ X + b1)  #@ theta W1,b1,W2,b2
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    loss = np.mean(-T * np.log(A2) - (1 - T) * np.log(1 - A2))  #@ loss loss
    G2 = (A2 - T) / T.size  #@ delta out=A2 ; swap slug=gradient-ascent old=A2-T new=T-A2 ; scale n=T.size u=1
    G1 = (W2.T @ G2) * (1 - A1 ** 2)  #@ act f=tanh d=(1-A1**2) a=A1 z=(W1@X+b1)
    W2 = W2 - 0.5 * G2 @ A1.T  #@ upd
    b2 = b2 - 0.5 * G2.sum(axis=1, keepdims=True)  #@ upd ; bg
    W1 += -0.5 * G1 @ X.T  #@ upd
    b1 += -0.5 * G1.sum(axis=1, keepdims=True)  #@ upd ; bg ; implied 0.5
print("loss", loss)
