import numpy as np

# dados: dois grupos de pontos, um dentro do outro
rng = np.random.default_rng(15)
angulo = rng.uniform(0, 2 * np.pi, 32)
raio = np.where(np.arange(32) < 16, 0.5, 1.3) + rng.normal(0, 0.05, 32)
pontos = np.column_stack([raio * np.cos(angulo), raio * np.sin(angulo)])
rotulos = (np.arange(32) < 16).astype(float).reshape(-1, 1)

pesos_1 = rng.normal(size=(2, 6))
bias_1 = 0.5 * rng.normal(size=6)
pesos_2 = rng.normal(size=(6, 1))
bias_2 = np.zeros(1)


def treinar(x, y, taxa):
    global pesos_1, pesos_2, bias_2
    oculta = np.tanh(x @ pesos_1 + bias_1)
    saida = 1 / (1 + np.exp(-(oculta @ pesos_2 + bias_2)))
    custo = -np.mean(y * np.log(saida) + (1 - y) * np.log(1 - saida))
    d2 = (saida - y) / len(x)
    d1 = d2 @ pesos_2.T * (1 - oculta ** 2)
    pesos_2 = pesos_2 - taxa * oculta.T @ d2
    bias_2 = bias_2 - taxa * d2.sum(axis=0)
    pesos_1 = pesos_1 - taxa * x.T @ d1
    bias_1[:] = bias_1 - taxa * d1.sum(axis=0)
    return custo


for epoca in range(200):
    custo = treinar(pontos, rotulos, 0.3)
    if epoca % 50 == 0:
        print("época", epoca, "custo", round(custo, 4))
