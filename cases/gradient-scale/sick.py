import numpy as np

rng = np.random.default_rng(2)
X = rng.normal(size=(16, 2))
y = np.column_stack([X[:, 0] * X[:, 1], np.abs(X[:, 0]), np.sin(X[:, 1])])

theta_1 = rng.normal(size=(2, 6))
beta_1 = 0.1 * rng.normal(size=6)
theta_2 = 0.4 * rng.normal(size=(6, 3))
beta_2 = np.zeros(3)


def training_step(X, y, alpha):
    global theta_1, beta_1, theta_2, beta_2
    hidden = np.tanh(X @ theta_1 + beta_1)
    estimate = hidden @ theta_2 + beta_2
    loss = np.mean((estimate - y) ** 2)

    delta = 2 * (estimate - y)
    delta_hidden = delta @ theta_2.T * (1 - hidden ** 2)
    theta_2 = theta_2 - alpha * hidden.T @ delta
    beta_2 = beta_2 - alpha * np.sum(delta, axis=0)
    theta_1 = theta_1 - alpha * X.T @ delta_hidden
    beta_1 = beta_1 - alpha * np.sum(delta_hidden, axis=0)
    return loss


for epoch in range(150):
    loss = training_step(X, y, 0.01)
    if epoch % 50 == 0:
        print("epoch", epoch, "mean squared error", loss)
