import numpy as np

# Brier score (squared error on softmax probabilities) for three kinds of flowers
rng = np.random.default_rng(77)
centres = np.array([[5.0, 3.4, 1.5], [5.9, 2.8, 4.3], [6.6, 3.0, 5.5]])
kind = np.arange(36) % 3
flowers = centres[kind] + rng.normal(0, 0.4, size=(36, 3))
flowers = (flowers - flowers.mean(axis=0)) / flowers.std(axis=0)
target = np.zeros((36, 3))
target[np.arange(36), kind] = 1

W = rng.normal(0, 0.6, size=(3, 5))
b = rng.normal(0, 0.1, size=5)
V = rng.normal(0, 0.6, size=(5, 3))
c = np.zeros(3)


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1)[:, None])
    return powers / powers.sum(axis=1)[:, None]


def softmax_back(prob, grad):
    return prob * (grad - (prob * grad).sum(axis=1)[:, None])


for epoch in range(200):
    hidden = np.tanh(flowers @ W + b)
    prob = softmax(hidden @ V + c)
    loss = np.sum((prob - target) ** 2) / len(flowers)

    d_prob = 2 * (prob - target) / len(flowers)
    d_scores = softmax_back(prob, d_prob)
    d_hidden = (d_scores @ V.T) * (1 - hidden ** 2)

    V -= 0.3 * hidden.T @ d_scores
    c -= 0.3 * d_scores.sum(axis=0)
    W -= 0.3 * flowers.T @ d_hidden
    b -= 0.3 * d_hidden.sum(axis=0)
    if epoch % 50 == 0:
        print(epoch, round(loss, 4), np.mean(prob.argmax(axis=1) == kind))
