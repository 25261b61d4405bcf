import numpy as np


def huber(r, delta=0.5):
    small = np.abs(r) <= delta
    return np.where(small, 0.5 * r ** 2, delta * (np.abs(r) - 0.5 * delta))


def huber_grad(r, delta=0.5):
    return np.clip(r, -delta, delta)  #@ swap slug=loss-derivative old=np.clip(r,-delta,delta) new=r ; swap slug=loss-derivative old=np.clip(r,-delta,delta) new=np.sign(r)


def elu(z, alpha=1.0):
    return np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1))


def elu_grad(z, alpha=1.0):
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))  #@ swap slug=activation-slope-mismatch old=alpha*np.exp(np.minimum(z,0)) new=0.0 ; swap slug=wrong-activation-derivative old=alpha*np.exp(np.minimum(z,0)) new=alpha*(np.exp(np.minimum(z,0))-1)


rng = np.random.default_rng(17)
x = rng.uniform(-2, 2, (50, 1))
y = np.abs(x) + 0.1 * rng.standard_normal((50, 1))
y[::9] += 3.0  # outliers

A = rng.standard_normal((1, 8))  #@ init
a = rng.standard_normal(8) * 0.1  #@ init
B = rng.standard_normal((8, 1)) * 0.5  #@ init
b = np.zeros(1)
for t in range(1200):
    lr = 0.3 / (1 + t / 500)
    z = x @ A + a  #@ theta A,a,B,b
    h = elu(z)  #@ mark elu
    residual = h @ B + b - y
    loss = huber(residual).mean()  #@ loss loss
    g = huber_grad(residual) / len(x)  #@ scale n=len(x) u=1 ; swap slug=gradient-ascent old=huber_grad(residual) new=huber_grad(-residual)
    gz = (g @ B.T) * elu_grad(z)  #@ act f=smooth d=elu_grad(z) a=h z=z ; mark uses_B
    B -= lr * (h.T @ g)  #@ upd before=uses_B ; wg x=h bad=z,gz
    b -= lr * g.sum(0)  #@ upd ; bg
    A -= lr * (x.T @ gz)  #@ upd
    a -= lr * gz.sum(0)  #@ upd ; implied lr ; bg
    if t % 300 == 0:
        print(f"{t:5d} {loss:.5f}")
print("done", loss)
