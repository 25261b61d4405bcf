import numpy as np

rng = np.random.RandomState(12)

# hyperparameters
keep_prob = 0.75
learning_rate = 0.2
n_steps = 200

# noisy measurements of a smooth surface
inputs = rng.uniform(-1, 1, size=(64, 2))
targets = np.stack([np.sin(3 * inputs[:, 0]), inputs[:, 0] * inputs[:, 1]], axis=1)
targets += 0.05 * rng.randn(*targets.shape)

w1 = rng.randn(2, 20)
b1 = rng.randn(20) * 0.1
w2 = rng.randn(20, 20) / np.sqrt(20)
b2 = rng.randn(20) * 0.1
w3 = rng.randn(20, 2) / np.sqrt(20)
b3 = np.zeros(2)

for step in range(n_steps):
    # forward
    a1 = np.tanh(inputs.dot(w1) + b1)
    a2 = np.tanh(a1.dot(w2) + b2)
    mask = (rng.rand(*a2.shape) < keep_prob) / keep_prob
    dropped = a2 * mask
    output = dropped.dot(w3) + b3

    difference = output - targets
    loss = 0.5 * np.sum(difference ** 2) / len(inputs)
    if step % 50 == 0:
        print("step %3d, loss %.5f" % (step, loss))

    # backward
    delta3 = difference / len(inputs)
    delta2 = delta3.dot(w3.T) * mask * (1 - a2 ** 2)
    delta1 = delta2.dot(w2.T) * (1 - a1 ** 2)

    w3 -= learning_rate * dropped.T.dot(delta3)
    b3 -= learning_rate * delta3.sum(axis=0)
    w2 -= learning_rate * a1.T.dot(delta2)
    b2 -= learning_rate * delta2.sum(axis=0)
    w1 -= learning_rate * inputs.T.dot(delta1)
    b1 -= learning_rate * delta1.sum(axis=0)
