"""Ways in which correct programs turn a gradient into a step, and some that look like them and are not correct.

Each is the setting up and the statements of one step; `p` are the parameters by name, `g` the gradients.
"""

ZEROS = "{k: np.zeros_like(a) for k, a in p.items()}"
EACH = "for k in p:\n    "

HEALTHY = {
    # rates of their own
    "rates by parameter": ("rates = dict(W=0.1, b=0.2, V=0.05, c=0.1)", EACH + "p[k] -= rates[k] * g[k]"),
    "a rate that is a number of units times another": (
        "rates = dict(W=0.1, b=0.1, V=0.6, c=0.1)", EACH + "p[k] = p[k] - rates[k] * g[k]",
    ),
    "biases at twice the rate": ("", EACH + "p[k] -= (0.2 if k in 'bc' else 0.1) * g[k]"),
    "rates before a velocity": (
        f"v, rates = {ZEROS}, dict(W=0.1, b=0.2, V=0.02, c=0.04)",
        EACH + "v[k] = 0.9 * v[k] - rates[k] * g[k]\n    p[k] += v[k]",
    ),
    # what is made of the gradient
    "sign": ("", EACH + "p[k] -= 0.01 * np.sign(g[k])"),
    "noise": ("", EACH + "p[k] -= 0.2 * (g[k] + 0.01 * rng.normal(size=g[k].shape))"),
    "centred": ("", EACH + "p[k] -= 0.2 * (g[k] - g[k].mean(axis=0) if g[k].ndim > 1 else g[k])"),
    "unit length": ("", EACH + "p[k] -= 0.05 * g[k] / (np.linalg.norm(g[k]) + 1e-12)"),
    "clipped by value": ("", EACH + "p[k] -= 0.2 * np.clip(g[k], -0.02, 0.02)"),
    "clipped by the norm of all": (
        "",
        "norm = np.sqrt(sum((a**2).sum() for a in g.values()))\n" + EACH + "p[k] -= 0.2 * g[k] / max(1, norm / 0.1)",
    ),
    "first layer frozen to begin with": ("", EACH + "if k in 'Vc' or step >= 20:\n        p[k] -= 0.2 * g[k]"),
    # decays
    "decay as a statement": ("", EACH + "p[k] -= 0.2 * 0.01 * p[k]\n    p[k] -= 0.2 * g[k]"),
    "decay in place": ("", EACH + "p[k] *= 1 - 0.001\n    p[k] -= 0.2 * g[k]"),
    "shortened to a greatest norm": (
        "", EACH + "p[k] -= 0.2 * g[k]\n    p[k] *= min(1, 3 / (np.linalg.norm(p[k]) + 1e-12))",
    ),
    "decay of the weights before a mean of gradients": (
        f"v = {ZEROS}",
        EACH + "v[k] = 0.9 * v[k] + (1 - 0.9) * (g[k] + (0.001 * p[k] if k in 'WV' else 0))\n    p[k] -= 0.5 * v[k]",
    ),
    # means of weights
    "running mean of weights": (
        "mean = {k: a.copy() for k, a in p.items()}",
        EACH + "p[k] -= 0.2 * g[k]\n    mean[k] += 0.05 * (p[k] - mean[k])",
    ),
    "mean of all weights": (
        f"mean = {ZEROS}", EACH + "p[k] -= 0.2 * g[k]\n    mean[k] += (p[k] - mean[k]) / (step + 1)",
    ),
    "sum of all weights": (f"total = {ZEROS}", EACH + "p[k] -= 0.2 * g[k]\n    total[k] += p[k]"),
    # kept values
    "Adam by differences": (
        "m, v = dict.fromkeys(p, 0.0), dict.fromkeys(p, 0.0)",
        EACH + "m[k] = m[k] + 0.1 * (g[k] - m[k])\n    v[k] = v[k] + 0.001 * (g[k] ** 2 - v[k])\n"
        "    p[k] -= 0.01 * m[k] / (1 - 0.9 ** (step + 1)) / (np.sqrt(v[k] / (1 - 0.999 ** (step + 1))) + 1e-8)",
    ),
    "Adam and decay in one": (
        f"m, v = {ZEROS}, {ZEROS}",
        EACH + "m[k] = 0.9 * m[k] + 0.1 * g[k]\n    v[k] = 0.999 * v[k] + 0.001 * g[k] ** 2\n"
        "    m_, v_ = m[k] / (1 - 0.9 ** (step + 1)), v[k] / (1 - 0.999 ** (step + 1))\n"
        "    p[k] -= 0.01 * (m_ / (np.sqrt(v_) + 1e-8) + 0.01 * p[k])",
    ),
    "greatest mean square": (
        f"v, top = {ZEROS}, {ZEROS}",
        EACH + "v[k] = 0.99 * v[k] + 0.01 * g[k] ** 2\n    top[k] = np.maximum(top[k], v[k])\n"
        "    p[k] -= 0.01 * g[k] / (np.sqrt(top[k]) + 1e-8)",
    ),
    "steps scaled by the steps made": (
        f"a, b = {ZEROS}, {ZEROS}",
        EACH + "a[k] = 0.9 * a[k] + 0.1 * g[k] ** 2\n    u = np.sqrt(b[k] + 1e-6) / np.sqrt(a[k] + 1e-6) * g[k]\n"
        "    b[k] = 0.9 * b[k] + 0.1 * u**2\n    p[k] -= u",
    ),
    "sign of a mean, with decay": (
        f"m = {ZEROS}",
        EACH + "c_ = 0.9 * m[k] + 0.1 * g[k]\n    p[k] -= 0.005 * (np.sign(c_) + 0.01 * p[k])\n"
        "    m[k] = 0.99 * m[k] + 0.01 * g[k]",
    ),
    "heavy ball of two positions": (
        "before = {k: a.copy() for k, a in p.items()}",
        EACH + "new = p[k] - 0.1 * g[k] + 0.8 * (p[k] - before[k])\n    before[k], p[k] = p[k], new",
    ),
    "Nesterov with the velocity before": (
        f"v = {ZEROS}",
        EACH + "old = v[k]\n    v[k] = 0.9 * v[k] - 0.1 * g[k]\n    p[k] = p[k] - 0.9 * old + 1.9 * v[k]",
    ),
    "every fourth step": (
        f"total = {ZEROS}",
        EACH + "total[k] += g[k]\nif step % 4 == 3:\n    for k in p:\n        p[k] -= 0.05 * total[k]\n"
        "        total[k][:] = 0",
    ),
    # memories that begin as one number
    "mean of squares from a number": (
        "v = dict.fromkeys(p, 0.0)",
        EACH + "v[k] = 0.9 * v[k] + 0.1 * g[k] ** 2\n    p[k] -= 0.01 * g[k] / (np.sqrt(v[k]) + 1e-8)",
    ),
    "Nesterov from a number": (
        "v = dict.fromkeys(p, 0.0)",
        EACH + "old = v[k]\n    v[k] = 0.8 * old - 0.1 * g[k]\n    p[k] += 1.8 * v[k] - 0.8 * old",
    ),
    "half of both velocities": (
        "v = dict.fromkeys(p, 0.0)",
        EACH + "old = v[k]\n    v[k] = 0.8 * old - 0.1 * g[k]\n    p[k] += 0.5 * v[k] + 0.5 * old",
    ),
    "mean of squares of what a buffer gathered": (
        f"keep, v, gathered = 0.9, {ZEROS}, {ZEROS}",
        EACH + "gathered[k] += g[k]\nfor k in p:\n    g_ = gathered[k]\n"
        "    v[k] = keep * v[k] + (1 - keep) * g_ ** 2\n    p[k] -= 0.01 * g_ / (np.sqrt(v[k]) + 1e-5)\n"
        "    gathered[k] = np.zeros_like(p[k])",
    ),
    "mean of sizes": (
        f"v = {ZEROS}", EACH + "v[k] = 0.9 * v[k] + 0.1 * abs(g[k])\n    p[k] -= 0.01 * g[k] / (v[k] + 1e-8)",
    ),
    "position kept now and then": (
        "kept = dict(p)",
        EACH + "new = p[k] - 0.1 * g[k] - 0.01 * (p[k] - kept[k])\n"
        "    if step % 9 == 0:\n        kept[k] = p[k]\n    p[k] = new",
    ),
    "sign spelt out": (
        "", EACH + "square = g[k] ** 2\n    p[k] -= 0.01 * g[k] / (np.sqrt(square) + 1e-12)",
    ),
    "squares kept to look at": (
        f"last = {ZEROS}", EACH + "last[k] = g[k] ** 2\n    p[k] -= 0.2 * g[k]",
    ),
    "rescaled under a condition": (
        "",
        EACH + "size = np.linalg.norm(g[k])\n    if size > 0.05:\n        g[k] = g[k] * 0.05 / size\n"
        "    p[k] -= 0.2 * g[k]",
    ),
    "limited by the sum of all entries": (
        "",
        "size = sum(np.abs(a).sum() for a in g.values())\n" +
        EACH + "if size > 0.5:\n        g[k] = 0.5 * g[k] / size\n"
        "    p[k] -= 0.2 * g[k]",
    ),
}  # fmt: skip

SICK = {
    "a factor on one gradient": ("", "g['V'] = 2 * (g['V'] + 0)\n" + EACH + "p[k] -= 0.1 * g[k]", "gradient-scale"),
    "an averaging of the weights alone": (
        # The loss is a mean already: it is the weights that are averaged twice.
        "", EACH + "p[k] -= 0.1 * g[k] / len(X) if k in 'WV' else 0.1 * g[k]", "gradient-scale",
    ),
    "an averaging before a velocity": (
        f"v = {ZEROS}",
        EACH + "v[k] = 0.9 * v[k] - (0.1 * g[k] / len(X) if k in 'WV' else 0.1 * g[k])\n    p[k] += v[k]",
        "bias-gradient-scale",
    ),
    "a decay that grows": ("", EACH + "p[k] -= 0.1 * (g[k] - (0.01 * p[k] if k == 'V' else 0))",
        "regularisation-gradient-sign"),
    "no sign": ("", EACH + "p[k] -= 0.1 * (np.abs(g[k]) if k == 'V' else g[k])", "wrong-gradient"),
    "the sum of all steps": (
        f"total = {ZEROS}", EACH + "total[k] += g[k]\n    p[k] -= 0.01 * total[k]", "gradient-accumulation",
    ),
    "a clipping turned round": (
        "",
        "norm = np.sqrt(sum((a**2).sum() for a in g.values()))\nscale = max(1.0, 1.0 / (norm + 1e-12))\n"
        + EACH + "p[k] -= 0.05 * scale * g[k]",
        "gradient-clipping",
    ),
    "a correction that is kept": (
        f"m, v = {ZEROS}, {ZEROS}",
        EACH + "m[k] = 0.9 * m[k] + 0.1 * g[k]\n    v[k] = 0.999 * v[k] + 0.001 * g[k] ** 2\n"
        "    m[k] /= 1 - 0.9 ** (step + 1)\n    v[k] /= 1 - 0.999 ** (step + 1)\n"
        "    p[k] -= 0.01 * m[k] / (np.sqrt(v[k]) + 1e-8)",
        "optimizer-rule",
    ),
    "a mean of squares from a number, without its root": (
        "v = dict.fromkeys(p, 0.0)",
        EACH + "v[k] = 0.9 * v[k] + 0.1 * g[k] ** 2\n    p[k] -= 0.001 * g[k] / (v[k] + 1e-2)", "optimizer-rule",
    ),
    "a mean from a number that gathers no squares": (
        "m, v = dict.fromkeys(p, 0.0), dict.fromkeys(p, 0.0)",
        EACH + "m[k] = 0.9 * m[k] + 0.1 * g[k]\n    v[k] = 0.99 * v[k] + 0.01 * g[k]\n"
        "    p[k] -= 0.01 * m[k] / (np.sqrt(v[k]) + 1e-8)",
        "optimizer-rule",
    ),
    "a root of the mean of sizes": (
        f"v = {ZEROS}",
        EACH + "v[k] = 0.9 * v[k] + 0.1 * np.fabs(g[k])\n    p[k] -= 0.02 * g[k] / (np.sqrt(v[k]) + 1e-8)",
        "optimizer-rule",
    ),
    "a position before that is no copy": (
        "before = {k: a.copy() for k, a in p.items()}",
        EACH + "move = -0.1 * g[k] + 0.7 * (p[k] - before[k])\n    before[k] = p[k]\n    p[k] += move",
        "aliased-state",
    ),
    "Nesterov with the velocity before added": (
        f"v = {ZEROS}",
        EACH + "old = v[k]\n    v[k] = 0.8 * old - 0.1 * g[k]\n    p[k] += 1.8 * v[k] + 0.8 * old", "optimizer-rule",
    ),
    "squares that are not summed": (
        f"total = {ZEROS}",
        EACH + "total[k] = g[k] ** 2\n    p[k] -= 0.1 * g[k] / np.sqrt(total[k] + 1e-12)", "optimizer-state-reset",
    ),
    "a length in the place of its limit": (
        "",
        EACH + "size = np.linalg.norm(g[k])\n    if 0.05 < size:\n        g[k] = size / 0.05 * g[k]\n"
        "    p[k] -= 0.02 * g[k]",
        "gradient-clipping",
    ),
    "a length beside its limit": (
        "",
        EACH + "size = np.linalg.norm(g[k])\n    if size >= 0.05:\n        g[k] = g[k] / 0.05 * size\n"
        "    p[k] -= 0.02 * g[k]",
        "gradient-clipping",
    ),
}  # fmt: skip
