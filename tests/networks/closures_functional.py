import numpy as np


def linear(W, b):
    def forward(x):
        def pull(g):
            return g @ W.T, (x.T @ g, g.sum(axis=0))  #@ err w=W.T ; bg
        return x @ W + b, pull
    return forward


def activation(f, df):
    def forward(x):
        y = f(x)

        def pull(g):
            return g * df(y), ()  #@ act f=tanh d=df(y) a=y z=x
        return y, pull
    return forward


def compose(*stages):
    def forward(x):
        pulls = []
        for stage in stages:
            x, pull = stage(x)
            pulls.append(pull)

        def backward(g):
            grads = []
            for pull in reversed(pulls):
                g, own = pull(g)
                grads = [*own, *grads]
            return grads
        return x, backward
    return forward


def squared_error(y, t):
    r = y - t
    return np.mean(r ** 2), 2 * r / r.size  #@ scale n=r.size u=1 ; swap slug=loss-derivative old=2*r/r.size new=2*r**2/r.size


def build(theta):
    W1, b1, W2, b2, W3, b3 = theta
    tanh = activation(np.tanh, lambda y: 1 - y ** 2)  #@ swap slug=wrong-activation-derivative old=1-y**2 new=1-y ; swap slug=wrong-activation-derivative old=1-y**2 new=y*(1-y) ; swap slug=double-activation-derivative old=1-y**2 new=1-np.tanh(y)**2
    return compose(linear(W1, b1), tanh, linear(W2, b2), tanh, linear(W3, b3))


def descend(theta, grads, rate):
    return [p - rate * g for p, g in zip(theta, grads)]  #@ swap slug=gradient-ascent old=p-rate*g new=p+rate*g


key = np.random.default_rng(33)
shapes = [(2, 6), (6,), (6, 6), (6,), (6, 1), (1,)]
theta = [key.normal(size=s) * 0.6 for s in shapes]  #@ swap slug=initialisation-scale old=0.6 new=60.0 noline=1
x = key.uniform(-2, 2, (30, 2))
t = x[:, :1] * np.cos(x[:, 1:])
for step in range(500):
    y, backward = build(theta)(x)  #@ theta theta
    loss, g = squared_error(y, t)  #@ loss loss
    grads = backward(g)  #@ grad grads
    theta = descend(theta, grads, 0.2)  #@ upd local=new_theta
    if step % 100 == 0:
        print(step, float(loss))
