import numpy as np

# REINFORCE: the baseline is a running mean of the rewards, and the advantage a number.

rng = np.random.default_rng(14)
W = np.zeros((4, 3))
b = np.zeros(3)
baseline = 0.0
lr = 0.1
M = rng.normal(size=(4, 3))
for step in range(300):
    x = rng.normal(size=4)
    z = x @ W + b
    p = np.exp(z - z.max())
    p /= p.sum()
    a = rng.choice(3, p=p)
    reward = (x @ M)[a]
    adv = reward - baseline
    baseline += 0.05 * (reward - baseline)
    dlog = -p
    dlog[a] += 1
    W += lr * adv * np.outer(x, dlog)
    b += lr * adv * dlog
    if step % 100 == 0:
        print(step, baseline)
