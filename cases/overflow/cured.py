import numpy as np

# brightness of three patches (0..255), not scaled; which one is brightest?
rng = np.random.default_rng(64)
patches = rng.integers(120, 256, size=(20, 3)).astype(float)
brightest = patches.argmax(axis=1)
truth = np.eye(3)[brightest]

W = np.full((3, 3), 0.9) + rng.uniform(-0.02, 0.02, size=(3, 3))
b = np.zeros(3)
eta = 1e-6


def cross_entropy_with_logits(z, truth):
    z = z - z.max(axis=1, keepdims=True)
    powers = np.exp(z)
    total = powers.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) - np.sum(truth * z, axis=1))
    return loss, powers / total


for epoch in range(100):
    z = patches @ W + b
    loss, prob = cross_entropy_with_logits(z, truth)

    dz = (prob - truth) / len(patches)
    W -= eta * patches.T @ dz
    b -= eta * dz.sum(axis=0)
    if epoch % 25 == 0:
        hits = np.mean(prob.argmax(axis=1) == brightest)
        print("epoch", epoch, "loss", round(loss, 4), "hits", hits, "largest score", z.max().round(1))
