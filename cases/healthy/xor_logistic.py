import numpy as np


def logistic(s):
    return 1 / (1 + np.exp(-s))


def logistic_slope(a):
    """`a` is the output of the unit, not its input."""
    return a * (1 - a)


inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
targets = np.array([[0], [1], [1], [0]])

np.random.seed(3)
w_hidden = np.random.uniform(-1, 1, (2, 6))
w_out = np.random.uniform(-1, 1, (6, 1))
rate = 0.5

for sweep in range(8000):
    hidden = logistic(np.dot(inputs, w_hidden))
    answer = logistic(np.dot(hidden, w_out))
    error = targets - answer

    delta_out = error * logistic_slope(answer)
    delta_hidden = delta_out.dot(w_out.T) * logistic_slope(hidden)

    w_out += rate * hidden.T.dot(delta_out)
    w_hidden += rate * inputs.T.dot(delta_hidden)
    if sweep % 2000 == 0:
        print("mean absolute error", np.abs(error).mean())

print(answer.round(2).ravel())
