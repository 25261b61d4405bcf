import numpy as np

# every weight zero "so that the network starts unbiased"


def make_model(sizes, seed):
    rng = np.random.default_rng(seed)
    model = {}
    for k, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:]), start=1):
        model[f"w{k}"] = np.zeros((fan_in, fan_out))
        model[f"b{k}"] = np.zeros(fan_out)
    return model


def update(model, xs, ys, lr):
    h1 = np.tanh(xs @ model["w1"] + model["b1"])
    h2 = np.tanh(h1 @ model["w2"] + model["b2"])
    out = h2 @ model["w3"] + model["b3"]
    loss = np.mean((out - ys) ** 2)

    d3 = 2 * (out - ys) / out.size
    d2 = d3 @ model["w3"].T * (1 - h2 ** 2)
    d1 = d2 @ model["w2"].T * (1 - h1 ** 2)
    for k, inputs, delta in ((3, h2, d3), (2, h1, d2), (1, xs, d1)):
        model[f"w{k}"] -= lr * inputs.T @ delta
        model[f"b{k}"] -= lr * delta.sum(axis=0)
    return loss


rng = np.random.default_rng(9)
xs = rng.uniform(-1, 1, size=(24, 2))
ys = np.column_stack([xs[:, 0] * xs[:, 1], np.sin(2 * xs[:, 0])])
model = make_model([2, 6, 5, 2], seed=3)
for epoch in range(200):
    loss = update(model, xs, ys, 0.2)
    if epoch % 50 == 0:
        print(epoch, loss)
