import numpy as np

# Brightness of a pixel from its neighbours; predictions are held between 0 and 1.
rng = np.random.default_rng(38)
image = np.clip(0.5 + 0.4 * np.sin(np.linspace(0, 9, 40))[:, None] + 0.2 * rng.normal(size=(40, 1)), 0, 1)
patches = np.concatenate([image[:-4], image[1:-3], image[3:-1], image[4:]], axis=1)
centre = image[2:-2]

W, b = rng.normal(size=(4, 8)), np.zeros(8)
v, c = rng.normal(size=(8, 1)), np.zeros(1)
for epoch in range(200):
    h = np.tanh(patches @ W + b)
    raw = h @ v + c
    shown = np.clip(raw, 0.0, 1.0)
    loss = 0.5 * np.sum((shown - centre) ** 2) / len(centre)
    delta = (shown - centre) / len(centre)
    back = delta @ v.T * (1 - h ** 2)
    v -= 0.1 * h.T @ delta
    c -= 0.1 * delta.sum(axis=0)
    W -= 0.1 * patches.T @ back
    b -= 0.1 * back.sum(axis=0)
    if epoch % 50 == 0:
        print(epoch, round(float(loss), 5))
