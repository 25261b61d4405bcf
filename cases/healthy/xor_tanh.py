import numpy as np

# XOR com tangente hiperbólica; a derivada recebe a saída da camada


def ativa(z):
    return np.tanh(z)


def derivada(saida):
    return 1 - saida ** 2


X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[-0.8], [0.8], [0.8], [-0.8]])
np.random.seed(5)
W = np.random.uniform(-1, 1, (2, 4))
b = np.random.uniform(-0.5, 0.5, (1, 4))
V = np.random.uniform(-1, 1, (4, 1))
c = np.zeros((1, 1))
taxa = 0.2

for epoca in range(600):
    oculta = ativa(X @ W + b)
    saida = ativa(oculta @ V + c)
    erro = y - saida
    d_saida = erro * derivada(saida)
    d_oculta = d_saida @ V.T * derivada(oculta)
    V += oculta.T @ d_saida * taxa
    c += d_saida.sum(axis=0, keepdims=True) * taxa
    W += X.T @ d_oculta * taxa
    b += d_oculta.sum(axis=0, keepdims=True) * taxa
    if epoca % 200 == 0:
        print(epoca, np.abs(erro).mean())
