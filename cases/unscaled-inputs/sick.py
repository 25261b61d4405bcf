import numpy as np

# ages and incomes, as they come; tanh units
rng = np.random.default_rng(27)
age = rng.uniform(20, 70, 40)
income = rng.uniform(15, 90, 40)
buys = ((income > 40) & (age < 50)).astype(float).reshape(-1, 1)
x = np.column_stack([age, income])

w1 = 0.3 * rng.normal(size=(2, 6))
c1 = 0.1 * rng.normal(size=6)
w2 = rng.normal(size=(6, 1)) / np.sqrt(6)
c2 = np.zeros(1)

for epoch in range(200):
    pre = x @ w1 + c1
    hidden = np.tanh(pre)
    prob = 1 / (1 + np.exp(-(hidden @ w2 + c2)))
    cost = -np.mean(buys * np.log(prob) + (1 - buys) * np.log(1 - prob))

    d_out = (prob - buys) / len(x)
    d_hid = (d_out @ w2.T) * (1 - hidden ** 2)

    w2 -= 0.1 * hidden.T @ d_out
    c2 -= 0.1 * d_out.sum(axis=0)
    w1 -= 0.1 * x.T @ d_hid
    c1 -= 0.1 * d_hid.sum(axis=0)
    if epoch % 50 == 0:
        print(epoch, "cost", round(cost, 5), "right", np.mean((prob > 0.5) == (buys > 0.5)))
