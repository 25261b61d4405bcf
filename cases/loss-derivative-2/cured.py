import numpy as np

# régression logistique : admis ou refusé selon deux notes centrées
alea = np.random.default_rng(8)
notes = alea.normal(size=(24, 2))
admis = (notes @ np.array([1.0, 0.6]) + 0.4 * alea.normal(size=24) > 0.1).astype(float)

w = 0.2 * alea.normal(size=2)
b = 0.0
taux = 0.05


def sigmoide(s):
    return 1.0 / (1.0 + np.exp(-s))


historique = []
for tour in range(80):
    score = notes @ w + b
    p = sigmoide(score)
    cout = -np.mean(admis * np.log(p) + (1 - admis) * np.log(1 - p))
    historique.append(cout)

    # dérivée du coût par rapport à p, puis règle de la chaîne
    d_p = (-admis / p + (1 - admis) / (1 - p)) / len(p)
    d_score = d_p * p * (1 - p)
    d_w = notes.T @ d_score
    d_b = d_score.sum()

    w -= taux * d_w
    b -= taux * d_b
    if tour % 20 == 0:
        justes = np.mean((p > 0.5) == (admis > 0.5))
        print("tour", tour, "coût", round(cout, 4), "justes", justes)

print("poids", w, "biais", b)
