import numpy as np

# the slope of a ReLU is read off its output: a > 0 exactly where z > 0
rng = np.random.default_rng(1)
x = rng.normal(size=(20, 3))
t = np.column_stack([np.abs(x[:, 0]), x[:, 1] * x[:, 2]])
p = [rng.normal(size=(3, 7)), 0.1 * rng.normal(size=7), 0.4 * rng.normal(size=(7, 2)), np.zeros(2)]

for step in range(150):
    a = (x @ p[0] + p[1]).clip(min=0)
    y = a @ p[2] + p[3]
    loss = np.square(y - t).mean()
    g = 2 * (y - t) / t.size
    g_a = g @ p[2].T
    g_z = np.where(a > 0, g_a, 0)
    for param, grad in zip(p, (x.T @ g_z, g_z.sum(0), a.T @ g, g.sum(0))):
        param -= 0.1 * grad
    if step % 50 == 0:
        print(step, loss)
