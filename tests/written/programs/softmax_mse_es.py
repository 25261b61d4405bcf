import numpy as np


class RedNeuronal:
    def __init__(self, entradas, ocultas, salidas, tasa):
        gen = np.random.RandomState(31)
        self.pesos_oculta = gen.normal(0, 0.6, (ocultas, entradas))
        self.sesgo_oculta = np.zeros(ocultas)
        self.pesos_salida = gen.normal(0, 0.6, (salidas, ocultas))
        self.sesgo_salida = np.zeros(salidas)
        self.tasa = tasa

    def predecir(self, x):
        self.oculta = np.tanh(np.dot(self.pesos_oculta, x) + self.sesgo_oculta)
        z = np.dot(self.pesos_salida, self.oculta) + self.sesgo_salida
        e = np.exp(z - z.max())
        self.salida = e / e.sum()
        return self.salida

    def perdida(self, x, objetivo):
        return 0.5 * np.sum((self.predecir(x) - objetivo) ** 2)

    def entrenar(self, x, objetivo):
        s = self.predecir(x)
        error = s - objetivo
        delta_salida = s * (error - np.dot(error, s))
        delta_oculta = np.dot(self.pesos_salida.T, delta_salida) * (1 - self.oculta ** 2)
        self.pesos_salida -= self.tasa * np.outer(delta_salida, self.oculta)
        self.sesgo_salida -= self.tasa * delta_salida
        self.pesos_oculta -= self.tasa * np.outer(delta_oculta, x)
        self.sesgo_oculta -= self.tasa * delta_oculta


gen = np.random.RandomState(6)
centros = np.array([[1.2, 0.0], [-0.8, 1.0], [-0.6, -1.1], [0.9, 1.5]])
clases = np.tile(np.arange(4), 12)
datos = centros[clases] + 0.35 * gen.randn(48, 2)
objetivos = np.eye(4)[clases]
red = RedNeuronal(2, 7, 4, 0.3)

if __name__ == "__main__":
    for epoca in range(60):
        for i in gen.permutation(48):
            red.entrenar(datos[i], objetivos[i])
        if epoca % 20 == 0 or epoca == 59:
            print("epoca", epoca, "perdida", np.mean([red.perdida(a, b) for a, b in zip(datos, objetivos)]))
