import numpy as np

rng = np.random.RandomState(0)
t = np.linspace(-1, 1, 25)[:, None]
target = np.sin(3 * t)

W_a, b_a = rng.randn(1, 6), rng.randn(1, 6)
W_b, b_b = rng.randn(6, 1) * 0.4, np.zeros((1, 1))
params = [W_a, b_a, W_b, b_b]
vel = [np.zeros_like(p) for p in params]


def loss_and_grads(W_a, b_a, W_b, b_b):
    h = np.tanh(t @ W_a + b_a)
    out = h @ W_b + b_b
    diff = out - target
    loss = 0.5 * np.mean(diff ** 2)
    d_out = diff / len(t)  #@ scale n=len(t) u=1 ; swap slug=gradient-ascent old=diff new=-diff
    d_h = (d_out @ W_b.T) * (1 - h ** 2)  #@ act f=tanh d=(1-h**2) a=h z=(t@W_a+b_a)
    return loss, [t.T @ d_h, d_h.sum(0, keepdims=True), h.T @ d_out, d_out.sum(0, keepdims=True)]  #@ bg ; swap slug=weight-gradient-wrong-input old=h.T new=d_h.T


lr, mu = 0.2, 0.9
for step in range(600):
    ahead = [p + mu * v for p, v in zip(params, vel)]
    loss, grads = loss_and_grads(*ahead)  #@ theta ahead ; loss loss ; grad grads
    for i in range(4):
        vel[i] = mu * vel[i] - lr * grads[i]  #@ swap slug=momentum-sign old=mu*vel[i]-lr*grads[i] new=-mu*vel[i]-lr*grads[i] ; swap slug=gradient-ascent old=mu*vel[i]-lr*grads[i] new=mu*vel[i]+lr*grads[i] ; swap slug=optimizer-state-reset old=vel[i] new=0 skip=1 ; swap slug=optimizer-state-reset old=vel[i] new=np.zeros_like(vel[i])
        params[i] = params[i] + vel[i]  #@ upd
    if step % 150 == 0:
        lr *= 0.9
        print(step, loss)
print("loss", loss)
