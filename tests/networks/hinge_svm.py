import numpy as np

# multi-class hinge loss on top of a ReLU layer
np.random.seed(31)
num_train, dim, hidden_dim, classes = 48, 4, 9, 3
X = np.random.randn(num_train, dim)
y = np.argmax(np.random.randn(classes, dim) @ X.T, axis=0)
W1 = np.random.randn(dim, hidden_dim) * 0.5  #@ init
W2 = np.random.randn(hidden_dim, classes) * 0.5  #@ init
margin = 1.0
lam = 1e-2
rows = np.arange(num_train)

for it in range(300):
    pre = X @ W1  #@ theta W1,W2
    hid = np.maximum(pre, 0)
    scores = hid @ W2
    correct = scores[rows, y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + margin)
    margins[rows, y] = 0
    loss = margins.sum() / num_train + lam * (np.sum(W1 ** 2) + np.sum(W2 ** 2))  #@ loss loss

    mask = (margins > 0).astype(float)
    mask[rows, y] = -mask.sum(axis=1)  #@ swap slug=loss-derivative old=-mask.sum(axis=1) new=-1 ; swap slug=loss-derivative old=-mask.sum(axis=1) new=mask.sum(axis=1) ; stmt slug=loss-derivative new=pass noline=1
    dscores = mask / num_train
    dW2 = hid.T @ dscores + 2 * lam * W2  #@ reg term=2*lam*W2 ; wg x=hid bad=pre
    dhid = dscores @ W2.T
    dpre = np.where(pre > 0, dhid, 0)  #@ swap slug=wrong-activation-derivative old=(pre>0) new=(dhid>0) ; swap slug=missing-activation-derivative old=np.where(pre>0,dhid,0) new=dhid ; swap slug=missing-upstream-gradient old=np.where(pre>0,dhid,0) new=np.where(pre>0,1,0)
    dW1 = X.T @ dpre + 2 * lam * W1  #@ reg term=2*lam*W1 ; grad dW1,dW2
    W1 -= 0.2 * dW1  #@ upd
    W2 -= 0.2 * dW2  #@ upd
    if it % 100 == 0:
        print("iter", it, "hinge loss", loss)
print("train accuracy", np.mean(np.argmax(np.maximum(X @ W1, 0) @ W2, 1) == y))
