import numpy as np


def sigmoide(z):
    return 1 / (1 + np.exp(-z))


class RedNeuronal:
    """Clasificador binario con una capa oculta y entropía cruzada."""

    def __init__(self, entradas, ocultas, semilla=7):
        azar = np.random.default_rng(semilla)
        self.w1 = azar.normal(size=(entradas, ocultas))
        self.b1 = azar.normal(size=(1, ocultas)) * 0.1
        self.w2 = azar.normal(size=(ocultas, 1))
        self.b2 = np.zeros((1, 1))
        self.costos = []

    def adelante(self, x):
        self.a1 = sigmoide(np.dot(x, self.w1) + self.b1)
        self.a2 = sigmoide(np.dot(self.a1, self.w2) + self.b2)
        return self.a2

    def costo(self, y):
        return -(y * np.log(self.a2) + (1 - y) * np.log(1 - self.a2)).mean()

    def atras(self, x, y, tasa):
        m = x.shape[0]
        error = self.a2 - y
        delta2 = error * self.a2 * (1 - self.a2)
        delta1 = np.dot(delta2, self.w2.T) * self.a1 * (1 - self.a1)
        self.w2 -= tasa * np.dot(self.a1.T, delta2) / m
        self.b2 -= tasa * delta2.sum(axis=0, keepdims=True) / m
        self.w1 -= tasa * np.dot(x.T, delta1) / m
        self.b1 -= tasa * delta1.sum(axis=0, keepdims=True) / m

    def entrenar(self, x, y, epocas, tasa):
        for _ in range(epocas):
            self.adelante(x)
            self.costos.append(self.costo(y))
            self.atras(x, y, tasa)


azar = np.random.default_rng(1)
datos = azar.uniform(-1, 1, size=(30, 2))
clases = (datos[:, :1] * datos[:, 1:] > 0).astype(float)
red = RedNeuronal(2, 6)
red.entrenar(datos, clases, 300, 0.5)
print("costo inicial", red.costos[0], "final", red.costos[-1])
