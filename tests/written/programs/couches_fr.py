import numpy as np

alea = np.random.default_rng(40)


class Couche:
    def __init__(self, entree, neurones, lineaire=False):
        self.poids = alea.normal(0, 1 / np.sqrt(entree), (entree, neurones))
        self.biais = np.zeros(neurones)
        self.lineaire = lineaire

    def avant(self, x):
        self.entree = x
        self.somme = x @ self.poids + self.biais
        self.sortie = self.somme if self.lineaire else np.tanh(self.somme)
        return self.sortie

    def arriere(self, delta):
        if not self.lineaire:
            delta = delta * (1 - self.sortie ** 2)
        self.g_poids = self.entree.T @ delta
        self.g_biais = delta.sum(axis=0)
        return delta @ self.poids.T

    def corriger(self, pas):
        self.poids -= pas * self.g_poids
        self.biais -= pas * self.g_biais


reseau = [Couche(2, 8), Couche(8, 5), Couche(5, 1, lineaire=True)]


def calculer(x):
    for couche in reseau:
        x = couche.avant(x)
    return x


def perte(x, y):
    return 0.5 * np.mean((calculer(x) - y) ** 2)


def retro(x, y):
    delta = (calculer(x) - y) / len(x)
    for couche in reversed(reseau):
        delta = couche.arriere(delta)
    return delta


donnees = alea.uniform(-1, 1, (60, 2))
cibles = donnees[:, :1] ** 2 - 0.5 * donnees[:, 1:]

if __name__ == "__main__":
    for tour in range(60):
        ordre = alea.permutation(60)
        for lot in np.split(ordre, 6):
            retro(donnees[lot], cibles[lot])
            for couche in reseau:
                couche.corriger(0.05)
        if tour % 15 == 0:
            print("tour", tour, "perte", perte(donnees, cibles))
    print("perte finale", perte(donnees, cibles))
