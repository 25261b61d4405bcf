import numpy as np

# height of the tide from hour and moon; layers as dictionaries
rng = np.random.default_rng(12)
hours = (np.arange(36) % 12) / 6 - 1
moon = np.cos(np.arange(36) / 4)
sea = np.column_stack([hours, moon])
height = (0.6 * np.sin(3 * hours) + 0.3 * moon)[:, None]

inner = {"w": rng.normal(size=(2, 7)), "b": 0.3 * rng.normal(size=7)}
outer = {"w": rng.normal(size=(7, 1)) / np.sqrt(7), "b": np.zeros(1)}


def forward(x):
    level = np.tanh(x @ inner["w"] + inner["b"])
    return level, level @ outer["w"] + outer["b"]


for epoch in range(240):
    level, guess = forward(sea)
    miss = (guess - height) / len(sea)
    mse = 0.5 * np.sum((guess - height) ** 2) / len(sea)
    back = (miss @ outer["w"].T) * (1 - level**2)
    for layer, given, delta in ((outer, level, miss), (inner, sea, back)):
        layer["w"] -= 0.2 * given.T @ delta
        layer["b"] -= 0.2 * delta.sum(axis=0)
    if epoch % 80 == 0:
        print(epoch, mse)
