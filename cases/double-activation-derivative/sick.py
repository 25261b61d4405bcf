import numpy as np


# XOR com ReLU na camada oculta e sigmoide na saída
def relu(z):
    return np.maximum(0.0, z)


def derivada_relu(z):
    return (z > 0).astype(float)


def sigmoide(z):
    return 1.0 / (1.0 + np.exp(-z))


def derivada_sigmoide(z):
    s = sigmoide(z)
    return s * (1.0 - s)


def entropia(alvo, saida):
    return -np.mean(alvo * np.log(saida) + (1 - alvo) * np.log(1 - saida))


def derivada_entropia(alvo, saida):
    return ((1 - alvo) / (1 - saida) - alvo / saida) / alvo.size


class Rede:
    def __init__(self, n_entrada, n_oculta, semente):
        gerador = np.random.RandomState(semente)
        self.pesos_oculta = gerador.randn(n_entrada, n_oculta)
        self.vies_oculta = 0.1 * gerador.randn(1, n_oculta)
        self.pesos_saida = 0.5 * gerador.randn(n_oculta, 1)
        self.vies_saida = np.zeros((1, 1))

    def frente(self, x):
        self.z_oculta = x.dot(self.pesos_oculta) + self.vies_oculta
        self.oculta = relu(self.z_oculta)
        self.z_saida = self.oculta.dot(self.pesos_saida) + self.vies_saida
        self.saida = sigmoide(self.z_saida)
        return self.saida

    def passo(self, x, alvo, taxa):
        saida = self.frente(x)
        delta_saida = derivada_entropia(alvo, saida) * derivada_sigmoide(saida)
        delta_oculta = delta_saida.dot(self.pesos_saida.T) * derivada_relu(self.z_oculta)
        self.pesos_saida -= taxa * self.oculta.T.dot(delta_saida)
        self.vies_saida -= taxa * delta_saida.sum(axis=0, keepdims=True)
        self.pesos_oculta -= taxa * x.T.dot(delta_oculta)
        self.vies_oculta -= taxa * delta_oculta.sum(axis=0, keepdims=True)
        return entropia(alvo, saida)


entradas = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
alvos = np.array([[0], [1], [1], [0]], dtype=float)
rede = Rede(2, 8, semente=10)
historico = []
for epoca in range(400):
    historico.append(rede.passo(entradas, alvos, 0.1))
    if epoca % 100 == 0:
        print("época", epoca, "perda", round(historico[-1], 4))
print(rede.frente(entradas).round(3))
