import numpy as np

rng = np.random.default_rng(10)
X = rng.standard_normal((48, 6)).astype(np.float32)
y = (np.linalg.norm(X, axis=1) > 2.3).astype(np.float32).reshape(-1, 1)

W1 = (rng.standard_normal((6, 10)) * 0.5).astype(np.float32)  #@ init ; swap slug=integer-dtype old=np.float32 new=np.int32 skip=1
b1 = np.zeros((1, 10), dtype=np.float32)
W2 = (rng.standard_normal((10, 1)) * 0.5).astype(np.float32)  #@ init
b2 = np.zeros((1, 1), dtype=np.float32)
lr = np.float32(0.5)


def binary_cross_entropy(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


for epoch in range(500):
    Z1 = X @ W1 + b1  #@ theta W1,b1,W2,b2
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + b2
    A2 = 1 / (1 + np.exp(-Z2))
    loss = binary_cross_entropy(A2, y)  #@ loss loss ; swap slug=loss-delta-mismatch old=binary_cross_entropy(A2,y) new=((A2-y)**2).mean() also=delta
    dZ2 = (A2 - y) / np.float32(len(X))  #@ mark delta ; delta out=A2 ; swap slug=gradient-ascent old=A2-y new=y-A2 ; scale n=np.float32(len(X)) u=1
    dW2 = A1.T @ dZ2  #@ wg x=A1 bad=Z1
    db2 = dZ2.sum(axis=0, keepdims=True)  #@ bg
    dZ1 = dZ2 @ W2.T * (1 - A1 * A1)  #@ act f=tanh d=(1-A1*A1) a=A1 z=Z1
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0, keepdims=True)  #@ bg ; grad dW1,db1,dW2,db2
    W1 -= lr * dW1  #@ upd
    b1 -= lr * db1  #@ upd
    W2 -= lr * dW2  #@ upd
    b2 -= lr * db2  #@ upd
    if epoch % 100 == 0:
        print("epoch", epoch, "loss", float(loss))
print("accuracy", float(((A2 > 0.5) == (y > 0.5)).mean()), W1.dtype)
