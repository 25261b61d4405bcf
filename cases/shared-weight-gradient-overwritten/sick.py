import math

# a scalar recurrent unit that echoes its input with one step of delay; plain Python
signal = [0.3, -0.5, 0.8, 0.1, -0.9, 0.6, -0.2, 0.4]
wanted = [0.1] + [0.7 * s + 0.1 for s in signal[:-1]]
steps = len(signal)

u, w, b = 0.4, 0.7, 0.05
v, c = 0.9, 0.0
eta = 0.05

for epoch in range(200):
    states = [0.2]
    outputs = []
    for s in signal:
        states.append(math.tanh(u * s + w * states[-1] + b))
        outputs.append(v * states[-1] + c)
    loss = 0.5 * sum((o - t) ** 2 for o, t in zip(outputs, wanted))

    du = dw = db = dv = dc = 0.0
    carried = 0.0
    for k in range(steps - 1, -1, -1):
        err = outputs[k] - wanted[k]
        dv += err * states[k + 1]
        dc += err
        dz = (err * v + carried) * (1 - states[k + 1] ** 2)
        du += dz * signal[k]
        dw = dz * states[k]
        db += dz
        carried = dz * w

    u -= eta * du
    w -= eta * dw
    b -= eta * db
    v -= eta * dv
    c -= eta * dc
    if epoch % 50 == 0:
        print(f"{epoch:4d} {loss:.5f} u={u:.3f} w={w:.3f}")
