"""Faults planted in the correct modules: each is one edit of one line, and where it is to be found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Planted:
    """In `module`, the only line that holds `old` holds `new` instead."""

    module: str
    old: str
    new: str

    @property
    def name(self) -> str:
        return f"{self.module}: {self.new.strip()}"


_EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "pairs": (
        ("dx = dout @ w.T", "dx = dout @ w.T / 2"),
        ("dw = x.T @ dout", "dw = -x.T @ dout"),
        ("db = np.sum(dout, axis=0)", "db = np.mean(dout, axis=0)"),
        ("return dout * np.where(x > 0, 1.0, slope)", "return dout * np.where(dout > 0, 1.0, slope)"),
        ("return dout * np.where(x > 0, 1.0, slope)", "return dout * (x > 0)"),
        ("dx[np.arange(n), y] -= 1", "dx[np.arange(n), y] += 1"),
        ("dscores[np.arange(n), y] -= np.sum(margins > 0, axis=1)", "dscores[np.arange(n), y] -= 1"),
    ),
    "gathered": (
        ("dhidden = (dscores @ self.params[\"W2\"].T) * (hidden > 0)", "dhidden = dscores @ self.params[\"W2\"].T"),
        ("delta = (self.weights[layer].T @ delta) * (1 - activations[layer] ** 2)",
         "delta = (self.weights[layer].T @ delta) * (1 - np.tanh(activations[layer]) ** 2)"),
        ("self.dc = error.sum(axis=0, keepdims=True)", "self.dc = error.sum(axis=0, keepdims=True) * 3"),
    ),
    "trainer": (
        ("db1 = dZ1.sum(axis=1, keepdims=True) / m", "db1 = np.sum(dZ1) / m"),
        ("dZ1 = W2.T @ dZ2 * relu_slope(Z1)", "dZ1 = W2.T @ dZ2 * relu_slope(W2.T @ dZ2)"),
        ("W1, b1 = W1 - alpha * dW1, b1 - alpha * db1", "W1, b1 = W1 + alpha * dW1, b1 - alpha * db1"),
    ),
    "own_rate": (
        ("self.biases -= self.learning_rate * grad_output.mean(axis=0)",
         "self.biases -= self.learning_rate * grad_output.mean()"),
        ("return self.s * (grad - (grad * self.s).sum(axis=1, keepdims=True)) / len(grad)",
         "return self.s * (1 - self.s) * grad / len(grad)"),
        ("db = dz.sum(axis=0, keepdims=True)", "db = ds.sum(axis=0, keepdims=True)"),
        ("dw = self.x.T @ dz + DECAY * self.w", "dw = self.x.T @ dz - 0.1 * self.w"),
    ),
    "strided": (
        ("g, self.x[:, :, a : a + self.k, b : b + self.k]", "g, self.x[:, :, i : i + self.k, b : b + self.k]"),
        ("dx[:, :, a : a + self.k, b : b + self.k] += np.tens", "dx[:, :, a : a + self.k, b : b + self.k] = np.tens"),
    ),
    "constructed": (
        ("dx[part] += np.einsum", "dx[part] = np.einsum"),
        ("d = dout[:, r, c][:, None, None, None]", "d = dout[:, c, r][:, None, None, None]"),
        ("later = dz @ self.outer.T", "later = dz @ self.outer"),
        ("ds = self.p * (dp - (dp * self.p).sum(axis=3, keepdims=True))", "ds = self.p * (1 - self.p) * dp"),
        ("dshift = dout.sum(axis=(0, 2, 3))", "dshift = dout.mean(axis=(0, 2, 3))"),
        ("da = dout @ self.V.swapaxes(1, 2)", "da = dout @ self.K.swapaxes(1, 2)"),
    ),
    "guarded": (
        ("d[np.arange(len(d)), self.labels] -= 1", "d[np.arange(len(d)), self.labels] -= 2"),
        ("slope[self.rows, self.labels] -= 1", "slope[self.rows, self.labels] += 1"),
    ),
    "one_entry": (("dz[k] += d * self.p[k]", "dz[k] += self.p[k]"),),
    "made_in_fit": (("(1 - np.square(self.hidden))", "(1 - self.hidden)"),),
    "flagged": (
        ('self.grads["dW"] = dZ @ self.cache["A"].T', 'self.grads["dW"] = dZ @ self.cache["A"].T / dZ.shape[1]'),
        ('return dA * np.where(self.cache["Z"] >= 0, 1, 0)', 'return dA * np.where(dA >= 0, 1, 0)'),
    ),
    "norms": (
        ("dbeta = dout.sum(axis=0)\n    dgamma = (dout * xhat).sum(axis=0)\n    dxhat = dout * gamma\n    dx",
         "dbeta = dout.sum(axis=0)\n    dgamma = dout.sum(axis=0)\n    dxhat = dout * gamma\n    dx"),
        ("(n * dxhat - dxhat.sum(axis=0) - xhat", "(n * dxhat - xhat"),
        ("inv / n * (n * dxhat", "inv * (n * dxhat"),
        ("dx = inv * (dxhat - inner / d)", "dx = inv * (dxhat - inner)"),
        ("mask = cache\n    return dout * mask", "mask = cache\n    return dout * (mask > 0)"),
    ),
    "conv": (
        ("dw[f] += np.sum(", "dw[f] = np.sum("),
        ("dxp[:, :, rows, cols] += w[f] * g", "dxp[:, :, rows, cols] = w[f] * g"),
        ("dxp[:, :, rows, cols] += w[f] * g", "dxp[:, :, rows, cols] += w[f][:, ::-1, ::-1] * g"),
        ("db = dout.sum(axis=(0, 2, 3))", "db = dout.sum(axis=(0, 2, 3)) / N"),
        ("dx = mask * dout", "dx = ~mask * dout"),
    ),
    "cells": (
        ("dz = (1 - a_next**2) * da_next", "dz = (1 - a_next) * da_next"),
        ("da_prev = parameters[\"Waa\"].T @ dz", "da_prev = parameters[\"Waa\"] @ dz"),
        ("dWaa = dz @ a_prev.T", "dWaa = dz @ a_next.T"),
        ("dc = dc_next + da_next * ot * (1 - tc**2)", "dc = dc_next + da_next * ot * (1 - c_next**2)"),
        ("dc = dc_next + da_next * ot * (1 - tc**2)", "dc = da_next * ot * (1 - tc**2)"),
        ("\"dc_prev\": dc * ft", "\"dc_prev\": dc * it"),
        ("dft = dc * c_prev * ft * (1 - ft)", "dft = dc * c_prev * (1 - ft)"),
        ("\"dbi\": dit.sum", "\"dbi\": dft.sum"),
    ),
    "sequence": (
        ("dz = (dh[:, t] + carried)", "dz = dh[:, t]"),
        ("dWx += x[:, t].T @ dz", "dWx = x[:, t].T @ dz"),
        ("dWh += states[t].T @ dz", "dWh += states[t + 1].T @ dz"),
        ("carried = dz @ Wh.T", "carried = dz @ Wh"),
        ("* (1 - states[t + 1] ** 2)", "* (1 - states[t] ** 2)"),
    ),
    "unrolled": (
        ("cell_backward(da[:, :, t] + carried, steps[t])", "cell_backward(da[:, :, t], steps[t])"),
        ('"da_prev": parameters["Waa"].T @ dz', '"da_prev": parameters["Waa"] @ dz'),
        ("total[name] = total[name] + g[name]", "total[name] = g[name]"),
    ),
    "layers": (
        ("self.db = dout.sum(axis=0, keepdims=True)", "self.db = dout.mean(axis=0, keepdims=True)"),
        ("return dout * self.y * (1 - self.y)", "return dout * self.y"),
        ("return self.p * (dout - inner)", "return self.p * (1 - self.p) * dout"),
        ("self.grads[\"g\"] = (dout * self.x).sum(axis=0)", "self.grads[\"g\"] = dout.sum(axis=0)"),
    ),
    "selfupdating": (
        ("self.weights -= learning_rate * weights_error", "self.weights += learning_rate * weights_error"),
        ("return (1 - self.output**2) * output_grad", "return (1 - np.tanh(self.output) ** 2) * output_grad"),
    ),
    "engine": (
        ("other.grad += self.value * out.grad", "other.grad += other.value * out.grad"),
        ("self.grad += k * self.value ** (k - 1) * out.grad", "self.grad += self.value ** (k - 1) * out.grad"),
        ("self.grad += (1 - t * t) * out.grad", "self.grad += (1 - t) * out.grad"),
        ("self.grad += (1 - t * t) * out.grad", "self.grad += 1 - t * t"),
        ("self.grad += other.value * out.grad", "self.grad = other.value * out.grad"),
        ("for node in reversed(order):", "for node in order:"),
    ),
    "derivatives": (
        ("return a * (1 - a)", "return a * (1 + a)"),
        ("return 1 - np.tanh(z) ** 2", "return 1 - np.tanh(z)"),
        ("return s + z * s * (1 - s)", "return s + s * (1 - s)"),
        ("return np.where(z > 0, 1.0, alpha * np.exp(z))", "return np.where(z > 0, 1.0, alpha * np.exp(z) - 1)"),
    ),
    "losses": (
        ("return (self.p - self.y) / (self.p * (1 - self.p)) / self.y.size", "return -self.y / self.p / self.y.size"),
        ("return np.where(np.abs(r) < 1, r, np.sign(r))", "return np.where(np.abs(r) < 1, r, 1.0)"),
        ("d[np.arange(len(self.labels)), self.labels] -= 1", "d[np.arange(len(self.labels)), self.labels] -= 2"),
    ),
    "network": (
        ("delta1 = (delta2 @ self.W2.T) * self.a1 * (1 - self.a1)", "delta1 = delta2 @ self.W2.T"),
        ("self.b1 -= self.lr * delta1.sum(axis=0, keepdims=True)", "self.b1 -= self.lr * delta2.sum()"),
    ),
    "stepwise": (
        ("delta = (self.W[i].T @ delta) * (1 - self.a[i] ** 2)", "delta = (self.W[i].T @ delta) * (1 - self.a[i])"),
        ("self.dW.insert(0, delta @ self.a[i].T / n)", "self.dW.insert(0, delta @ np.tanh(self.a[i]).T / n)"),
    ),
    "attributes": (
        ("self.dinputs = np.dot(dvalues, self.weights.T)", "self.dinputs = -np.dot(dvalues, self.weights.T)"),
        ("self.dinputs[self.inputs <= 0] = 0", "self.dinputs[dvalues <= 0] = 0"),
    ),
    "course": (
        ("db = np.sum(dZ, axis=1, keepdims=True) / m", "db = np.sum(dZ, axis=1, keepdims=True)"),
        ("dZ[Z <= 0] = 0", "dZ[dA <= 0] = 0"),
        ("dZ = dA * s * (1 - s)", "dZ = dA * Z * (1 - Z)"),
    ),
    "terms_of_steps": (
        ("d_offset[t] = delta.sum(axis=0).reshape(-1, 1)", "d_offset[t] = delta.mean(axis=0).reshape(-1, 1)"),
        ("delta = delta * (1 - self.memory[t + 1] ** 2)", "delta = delta * (1 - self.memory[t + 1])"),
    ),
    "penalised": (
        ("2 * self.shrink * self.biases", "2 * self.shrink"),
        ("return eta @ self.weights.T", "return eta @ self.weights.T / 2"),
        ("self.y, 1 - self.y, eta)", "self.y, 1 + self.y, eta)"),
    ),
    "outside_states": (
        ("above = (out_grads[t] @ self.wo + later) *", "above = (out_grads[t] @ self.wo) *"),
        ("wo_grad += out_grads[t].T @ states[t]", "wo_grad += out_grads[t].T @ states[t - 1]"),
    ),
    "fused_cell": (
        ("dao = do * o * (1 - o)", "dao = do * o"),
        ("prev_h.T @ draw, draw.sum", "prev_h.T @ draw * 2, draw.sum"),
    ),
    "modes": (
        ("return dout * kept", "return dout * (kept > 0)"),
        ("return dout * kept", "return dout + 0 * kept"),
        ("    return dout\n\n\nclass Bend", "    return 2 * dout\n\n\nclass Bend"),
        ("return dout * (np.abs(self.x) < 0.2)", "return dout * (np.abs(dout) < 0.2)"),
        ("return dout * (1 - self.y**2)", "return dout * (1 - self.x**2)"),
        ("return self.g * (dout - dout.mean(axis=0))", "return self.g * dout"),
    ),
    "own_data": (
        ("dh = d @ V.T * (1 - h**2)", "dh = d @ V.T * (1 - h)"),
        ("W -= rate * X.T @ dh", "W += rate * X.T @ dh"),
    ),
}  # fmt: skip

PLANTED = tuple(Planted(module, old, new) for module, edits in _EDITS.items() for old, new in edits)
