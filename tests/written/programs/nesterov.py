import numpy as np

rs = np.random.RandomState(44)


def nesterov(params, lr, mu):
    velocity = [np.zeros_like(p) for p in params]

    def step(grads):
        for i, (p, g) in enumerate(zip(params, grads)):
            v_prev = velocity[i].copy()
            velocity[i] = mu * velocity[i] - lr * g
            p += -mu * v_prev + (1 + mu) * velocity[i]

    return step


def forward(params, x):
    W1, b1, W2, b2 = params
    h = np.tanh(x @ W1 + b1)
    s = h @ W2 + b2
    s = s - s.max(axis=1, keepdims=True)
    return h, s - np.log(np.exp(s).sum(axis=1, keepdims=True))


def loss_grad(params, x, y):
    h, logp = forward(params, x)
    n = len(y)
    d = np.exp(logp)
    d[np.arange(n), y] -= 1
    d /= n
    dh = (d @ params[2].T) * (1 - h * h)
    return -logp[np.arange(n), y].mean(), [x.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]


y = rs.randint(0, 3, 60)
radius = 0.5 + 0.6 * y + 0.12 * rs.randn(60)
phi = rs.uniform(0, 2 * np.pi, 60)
X = np.column_stack([radius * np.cos(phi), radius * np.sin(phi)])
params = [rs.randn(2, 14), np.zeros(14), rs.randn(14, 3) * 0.3, np.zeros(3)]
update = nesterov(params, lr=0.1, mu=0.8)

if __name__ == "__main__":
    for epoch in range(400):
        loss, grads = loss_grad(params, X, y)
        update(grads)
        if epoch % 100 == 0:
            print(epoch, loss)
    print("final", loss, "acc", (forward(params, X)[1].argmax(1) == y).mean())
