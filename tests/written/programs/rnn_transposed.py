import numpy as np

γ = np.random.default_rng(33)
ν, μ, τ = 3, 4, 5
θ = {
    "Wxh": γ.normal(0, 0.5, (μ, ν)),
    "Whh": γ.normal(0, 0.5, (μ, μ)),
    "β": γ.normal(0, 0.1, μ),
    "Why": γ.normal(0, 0.5, (2, μ)),
    "κ": np.zeros(2),
}


def σ(z):
    return 1 / (1 + np.exp(-z))


def εμπρός(x, θ):
    h = [np.zeros(μ)]
    for t in range(len(x)):
        h.append(σ(θ["Wxh"] @ x[t] + θ["Whh"] @ h[t] + θ["β"]))
    ŷ = np.array([θ["Why"] @ h[t + 1] + θ["κ"] for t in range(len(x))])
    return h, ŷ


def σφάλμα(x, y, θ):
    return 0.5 * np.sum((εμπρός(x, θ)[1] - y) ** 2)


def πίσω(x, y, θ):
    h, ŷ = εμπρός(x, θ)
    Δ = {k: np.zeros_like(v) for k, v in θ.items()}
    ε = np.zeros(μ)
    for t in range(len(x) - 1, -1, -1):
        e = ŷ[t] - y[t]
        Δ["Why"] += np.outer(e, h[t + 1])
        Δ["κ"] += e
        δ = (θ["Why"].T @ e + ε) * h[t + 1] * (1 - h[t + 1])
        Δ["Wxh"] += np.outer(δ, x[t])
        Δ["Whh"] += np.outer(δ, h[t])
        Δ["β"] += δ
        ε = θ["Whh"].T @ δ
    return Δ


if __name__ == "__main__":
    x = γ.normal(size=(τ, ν))
    y = γ.normal(size=(τ, 2))
    print("E =", σφάλμα(x, y, θ))
    for k, g in πίσω(x, y, θ).items():
        print(k, np.linalg.norm(g))
