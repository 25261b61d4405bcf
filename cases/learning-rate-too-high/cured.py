import numpy as np

# yearly figures, standardised; one hidden layer, squared error summed over the years
rng = np.random.default_rng(59)
years = np.linspace(-1.7, 1.7, 40)[:, None]
sales = np.sin(2 * years) + 0.3 * years + 0.05 * rng.normal(size=years.shape)

w1, b1 = rng.normal(size=(1, 9)), rng.normal(size=9)
w2, b2 = rng.normal(size=(9, 1)) / 3, np.zeros(1)
eta = 0.01

for epoch in range(120):
    h = 1 / (1 + np.exp(-(years @ w1 + b1)))
    y = h @ w2 + b2
    err = y - sales
    cost = 0.5 * np.sum(err ** 2)
    dh = err @ w2.T * h * (1 - h)
    w2 -= eta * h.T @ err
    b2 -= eta * err.sum(axis=0)
    w1 -= eta * years.T @ dh
    b1 -= eta * dh.sum(axis=0)
    if epoch % 30 == 0:
        print(epoch, cost)
