import numpy as np

np.random.seed(101)
H, D, C, T = 5, 4, 4, 7


def sigm(v):
    return 1 / (1 + np.exp(-v))


model = {
    "W": np.random.randn(4 * H, H + D) * 0.35,
    "b": np.concatenate([np.ones(H), np.zeros(3 * H)]),
    "Wy": np.random.randn(C, H) * 0.5,
    "by": np.zeros(C),
}


def step_forward(x, state, model):
    h, c = state
    v = np.concatenate([h, x])
    a = model["W"] @ v + model["b"]
    f, i, o, g = sigm(a[:H]), sigm(a[H:2 * H]), sigm(a[2 * H:3 * H]), np.tanh(a[3 * H:])
    c_new = f * c + i * g
    tc = np.tanh(c_new)
    h_new = o * tc
    s = model["Wy"] @ h_new + model["by"]
    e = np.exp(s - s.max())
    return e / e.sum(), (h_new, c_new), (v, f, i, o, g, c, tc, h_new)


def step_backward(prob, target, dh_next, dc_next, cache, model, grad):
    v, f, i, o, g, c, tc, h = cache
    dy = prob.copy()
    dy[target] -= 1
    grad["Wy"] += np.outer(dy, h)
    grad["by"] += dy
    dh = model["Wy"].T @ dy + dh_next
    dc = dc_next + dh * o * (1 - tc ** 2)
    da = np.concatenate([
        dc * c * f * (1 - f),
        dc * g * i * (1 - i),
        dh * tc * o * (1 - o),
        dc * i * (1 - g ** 2),
    ])
    grad["W"] += np.outer(da, v)
    grad["b"] += da
    return (model["W"].T @ da)[:H], dc * f


def run(inputs, targets, model):
    state, loss, trace = (np.zeros(H), np.zeros(H)), 0.0, []
    for x, t in zip(inputs, targets):
        prob, state, cache = step_forward(np.eye(D)[x], state, model)
        loss -= np.log(prob[t])
        trace.append((prob, t, cache))
    grad = {k: np.zeros_like(w) for k, w in model.items()}
    dh, dc = np.zeros(H), np.zeros(H)
    for prob, t, cache in reversed(trace):
        dh, dc = step_backward(prob, t, dh, dc, cache, model, grad)
    return loss, grad


text = [0, 1, 2, 0, 3, 1, 1, 2, 0, 1, 2, 0, 3, 1, 1, 2, 0, 1, 2, 0, 3, 1]

if __name__ == "__main__":
    for sweep in range(120):
        total = 0.0
        for p in range(0, len(text) - T, T):
            loss, grad = run(text[p:p + T], text[p + 1:p + T + 1], model)
            total += loss
            for k in model:
                model[k] -= 0.1 * grad[k]
        if sweep % 30 == 0 or sweep == 119:
            print(sweep, total / 21)
