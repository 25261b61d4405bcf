import numpy as np


def affine_forward(x, w, b):
    out = x.dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T)  #@ err w=w.T
    dw = x.T.dot(dout)
    db = np.sum(dout, axis=0)  #@ bg
    return dx, dw, db


def relu_forward(x):
    out = np.maximum(0, x)
    return out, x


def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)  #@ act f=relu d=(x>0) z=x
    return dx


def softmax_loss(scores, y):
    n = scores.shape[0]
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    log_probs = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    probs = np.exp(log_probs)
    loss = -np.sum(log_probs[np.arange(n), y]) / n
    dscores = probs.copy()
    dscores[np.arange(n), y] -= 1
    dscores /= n  #@ stmt slug=gradient-scale new=pass
    return loss, dscores


def network(params, X, y, reg):
    h, fc1 = affine_forward(X, params["W1"], params["b1"])
    r, act = relu_forward(h)
    scores, fc2 = affine_forward(r, params["W2"], params["b2"])
    loss, dscores = softmax_loss(scores, y)
    loss += 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))

    grads = {}
    dr, grads["W2"], grads["b2"] = affine_backward(dscores, fc2)
    grads["W2"] += reg * params["W2"]  #@ reg term=reg*params["W2"]
    dh = relu_backward(dr, act)
    dx, grads["W1"], grads["b1"] = affine_backward(dh, fc1)
    grads["W1"] += reg * params["W1"]  #@ reg term=reg*params["W1"]
    return loss, grads


def main():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 4))
    y = (X[:, 0] > 0).astype(int) + (X[:, 1] * X[:, 2] > 0)
    params = {
        "W1": 0.5 * rng.normal(size=(4, 10)),  #@ init
        "b1": np.zeros(10),
        "W2": 0.5 * rng.normal(size=(10, 3)),  #@ init
        "b2": np.zeros(3),
    }
    learning_rate = 0.3
    for it in range(400):
        loss, grads = network(params, X, y, reg=0.01)  #@ theta params ; loss loss ; grad [grads[k] for k in params]
        for name in params:
            params[name] -= learning_rate * grads[name]  #@ upd
        if it % 100 == 0:
            print("iteration", it, "loss", loss)


main()
