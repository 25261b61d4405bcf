import numpy as np

# is a note sharp? ten layers as a list of pairs
rng = np.random.default_rng(47)
tones = rng.normal(size=(40, 5))
sharp = (tones.sum(axis=1, keepdims=True) > 0).astype(float)
depth = 10
net = []
for k in range(depth):
    net.append([rng.normal(size=(5, 5)) * 0.4, np.zeros(5)])
head = [rng.normal(size=(5, 1)) / np.sqrt(5), np.zeros(1)]

for epoch in range(300):
    outputs = [tones]
    for W, b in net:
        outputs.append(1 / (1 + np.exp(-(outputs[-1] @ W + b))))
    p = 1 / (1 + np.exp(-(outputs[-1] @ head[0] + head[1])))
    loss = -np.mean(sharp * np.log(p) + (1 - sharp) * np.log(1 - p))
    delta = (p - sharp) / len(tones)
    back = delta @ head[0].T
    head[0] -= 0.1 * outputs[-1].T @ delta
    head[1] -= 0.1 * delta.sum(axis=0)
    for k in reversed(range(depth)):
        grad = back * outputs[k + 1] * (1 - outputs[k + 1])
        back = grad @ net[k][0].T
        net[k][0] -= 0.1 * outputs[k].T @ grad
        net[k][1] -= 0.1 * grad.sum(axis=0)
print(loss, np.mean((p > 0.5) == (sharp > 0.5)))
