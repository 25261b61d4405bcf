import numpy as np


def sigmoide(x):
    return 1 / (1 + np.exp(-x))


class RedNeuronal:
    """Una capa oculta; predice el precio de un piso."""

    def __init__(self, entradas, ocultas, tasa=0.05):
        azar = np.random.default_rng(11)
        self.pesos_1 = azar.normal(0, 0.6, (entradas, ocultas))
        self.sesgo_1 = np.zeros(ocultas)
        self.pesos_2 = azar.normal(0, 0.6, (ocultas, 1))
        self.sesgo_2 = np.zeros(1)
        self.tasa = tasa

    def propagar(self, x):
        self.x = x
        self.oculta = np.tanh(x @ self.pesos_1 + self.sesgo_1)
        self.salida = self.oculta @ self.pesos_2 + self.sesgo_2
        return self.salida

    def retropropagar(self, precio):
        n = len(precio)
        delta_2 = (self.salida - precio) / n
        delta_1 = delta_2 @ self.pesos_2.T * (1 - self.oculta ** 2)
        self.pesos_2 -= self.tasa * self.oculta.T @ delta_2
        self.sesgo_2 -= self.tasa * delta_2.sum(axis=0)
        self.pesos_1 -= self.tasa * self.x.T @ delta_1
        self.sesgo_1 -= self.tasa * delta_1.sum(axis=0)


azar = np.random.default_rng(4)
metros = azar.uniform(40, 160, size=(50, 1))
planta = azar.integers(0, 9, size=(50, 1))
precio = 1.1 + 0.02 * metros + 0.1 * planta + azar.normal(0, 0.1, (50, 1))    # en cientos de miles
pisos = np.hstack([(metros - 100) / 35, (planta - 4) / 2.6])

red = RedNeuronal(2, 6)
for epoca in range(300):
    prediccion = red.propagar(pisos)
    error = 0.5 * np.mean((prediccion - precio) ** 2)
    red.retropropagar(precio)
    if epoca % 100 == 0:
        print("época", epoca, "error", round(float(error), 4))
