import numpy as np

# bias is column 0 of theta and is not penalised
rng = np.random.default_rng(12)
X = rng.normal(size=(20, 3))
digit = np.digitize(X[:, 0] + X[:, 1] * X[:, 2], [-0.5, 0.5])
Y = np.eye(3)[digit]
m = len(X)
lmbda = 0.5
alpha = 0.4
theta1 = rng.uniform(-0.8, 0.8, size=(5, 4))
theta2 = rng.uniform(-0.8, 0.8, size=(3, 6))


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def no_bias(theta):
    masked = theta.copy()
    masked[:, 0] = 0
    return masked


def with_ones(a):
    return np.column_stack([np.ones(len(a)), a])


for it in range(150):
    a1 = with_ones(X)
    hidden = sigmoid(a1 @ theta1.T)
    a2 = with_ones(hidden)
    h = sigmoid(a2 @ theta2.T)
    J = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    J += lmbda / (2 * m) * (np.sum(theta1[:, 1:] ** 2) + np.sum(theta2[:, 1:] ** 2))

    delta3 = h - Y
    delta2 = (delta3 @ theta2[:, 1:]) * hidden * (1 - hidden)
    grads = [d.T @ a / m + lmbda * no_bias(th)
             for d, a, th in ((delta2, a1, theta1), (delta3, a2, theta2))]
    theta1 = theta1 - alpha * grads[0]
    theta2 = theta2 - alpha * grads[1]
    if it % 50 == 0:
        print("J =", round(J, 5))
