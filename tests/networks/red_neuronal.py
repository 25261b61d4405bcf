import numpy as np


class RedNeuronal:
    """Red con una capa oculta; un ejemplo por vez."""

    def __init__(self, entradas, ocultas, salidas, tasa=0.3):
        azar = np.random.RandomState(20)
        self.pesos_ocultos = azar.uniform(-1, 1, (ocultas, entradas))  #@ init
        self.sesgo_oculto = azar.uniform(-1, 1, (ocultas, 1))  #@ init
        self.pesos_salida = azar.uniform(-1, 1, (salidas, ocultas))  #@ init
        self.sesgo_salida = azar.uniform(-1, 1, (salidas, 1))  #@ init
        self.tasa = tasa

    def propagar(self, x):
        self.suma = self.pesos_ocultos @ x + self.sesgo_oculto
        self.oculta = np.tanh(self.suma)
        self.salida = 1 / (1 + np.exp(-(self.pesos_salida @ self.oculta + self.sesgo_salida)))
        return self.salida

    def entrenar(self, x, objetivo):
        self.propagar(x)  #@ theta self.pesos_ocultos,self.sesgo_oculto,self.pesos_salida,self.sesgo_salida
        error = objetivo - self.salida  #@ loss 0.5*np.sum((objetivo-self.salida)**2) ; swap slug=gradient-ascent old=objetivo-self.salida new=self.salida-objetivo
        gradiente_salida = error * self.salida * (1 - self.salida)  #@ drop slug=wrong-activation-derivative term=(1-self.salida) ; swap slug=missing-upstream-gradient old=error*self.salida*(1-self.salida) new=self.salida*(1-self.salida) ; act f=sigmoid d=self.salida*(1-self.salida) a=self.salida out=1
        gradiente_oculto = (self.pesos_salida.T @ gradiente_salida) * (1 - self.oculta ** 2)  #@ act f=tanh d=(1-self.oculta**2) a=self.oculta z=self.suma ; err e=gradiente_salida raw=error ; mark usa
        self.pesos_salida += self.tasa * gradiente_salida @ self.oculta.T  #@ upd before=usa ; wg x=self.oculta bad=self.suma
        self.sesgo_salida += self.tasa * gradiente_salida  #@ upd
        self.pesos_ocultos += self.tasa * gradiente_oculto @ x.T  #@ upd
        self.sesgo_oculto += self.tasa * gradiente_oculto  #@ upd ; implied self.tasa
        return float(np.sum(error ** 2)) / 2


datos = [([0, 0], [0, 0]), ([0, 1], [1, 0]), ([1, 0], [1, 0]), ([1, 1], [0, 1])]
red = RedNeuronal(2, 4, 2)
for epoca in range(800):
    perdida = 0
    for entrada, objetivo in datos:
        perdida += red.entrenar(np.array([entrada]).T, np.array([objetivo]).T)
    if epoca % 200 == 0:
        print("época", epoca, "pérdida", round(perdida, 4))
for entrada, _ in datos:
    print(entrada, red.propagar(np.array([entrada]).T).ravel().round(2))
