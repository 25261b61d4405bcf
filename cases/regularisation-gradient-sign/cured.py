import numpy as np

# ridge regression by gradient descent on polynomial features
rng = np.random.default_rng(23)
t = np.sort(rng.uniform(-1, 1, 20))
y = np.cos(3 * t) + 0.1 * rng.normal(size=20)
powers = np.vander(t, 6)[:, :-1]
features = (powers - powers.mean(axis=0)) / powers.std(axis=0)

lam = 0.05
step_size = 0.1
w = 0.3 * rng.normal(size=5)
b = np.zeros(1)

values = []
for k in range(200):
    fit = features @ w + b
    residual = fit - y
    value = 0.5 * np.mean(residual ** 2) + 0.5 * lam * np.dot(w, w)
    values.append(value)

    slope_w = features.T @ residual / len(y)
    slope_w += lam * w
    slope_b = residual.mean()

    w = w - step_size * slope_w
    b = b - step_size * slope_b
    if k % 50 == 0:
        print("iteration %3d  objective %.5f  |w| %.4f" % (k, value, np.linalg.norm(w)))

print("final objective", values[-1])
