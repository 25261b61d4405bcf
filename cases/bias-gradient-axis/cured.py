import numpy as np

# 隐藏层 6 个神经元,一批 6 个样本
rng = np.random.default_rng(3)
n = 6
x = rng.normal(size=(n, 4))
y = np.stack([np.sin(x[:, 0]), x[:, 1] * x[:, 3]], axis=1)

w1 = rng.normal(size=(4, 6)) * 0.5
b1 = rng.normal(size=6) * 0.1
w2 = rng.normal(size=(6, 2)) * 0.5
b2 = np.zeros(2)
lr = 0.1


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


for i in range(200):
    # 前向传播
    a1 = sigmoid(x @ w1 + b1)
    out = a1 @ w2 + b2
    loss = np.sum((out - y) ** 2) / n

    # 反向传播
    d_out = 2 * (out - y) / n
    dw2 = a1.T @ d_out
    db2 = np.sum(d_out, axis=0)
    d_a1 = d_out @ w2.T
    d_z1 = d_a1 * a1 * (1 - a1)
    dw1 = x.T @ d_z1
    db1 = np.sum(d_z1, axis=0)

    # 更新
    w1 -= lr * dw1
    b1 -= lr * db1
    w2 -= lr * dw2
    b2 -= lr * db2
    if i % 50 == 0:
        print("第", i, "步 损失", loss)
