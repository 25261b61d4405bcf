"""A regression net whose output is squeezed to a vector before the loss."""
import numpy as np

rng = np.random.default_rng(73)
features = rng.normal(size=(36, 4))
y = (features[:, 0] * features[:, 1] - features[:, 2]).reshape(-1, 1)
U = rng.normal(size=(4, 6)) * 0.5  #@ init
p = rng.normal(size=6) * 0.5  #@ init
q = np.zeros(1)
lr = 0.1

targets = y.ravel()  #@ swap slug=broadcast-loss old=y.ravel() new=y
for epoch in range(300):
    a = features @ U  #@ theta U,p,q
    h = np.tanh(a)
    pred = h @ p + q
    diff = pred - targets
    loss = np.mean(diff ** 2)  #@ loss loss ; mark loss_line
    if epoch % 100 == 0:
        print(epoch, loss)
    d_pred = 2 * (pred - y[:, 0]) / len(y)  #@ scale n=len(y) u=1 ; swap slug=gradient-ascent old=pred-y[:,0] new=y[:,0]-pred
    d_p = h.T @ d_pred  #@ wg x=h bad=a
    d_q = np.array([d_pred.sum()])  #@ bg
    d_a = np.outer(d_pred, p) * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h z=a
    d_U = features.T @ d_a  #@ grad d_U,d_p,d_q
    U -= lr * d_U  #@ upd
    p -= lr * d_p  #@ upd
    q -= lr * d_q  #@ upd
print("final", loss)
