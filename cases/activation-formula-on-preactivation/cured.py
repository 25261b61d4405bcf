import numpy as np

# Regression auf einer Sinuskurve, ein verstecktes Layer mit tanh
zufall = np.random.default_rng(17)
xs = np.linspace(-1.0, 1.0, 25).reshape(-1, 1)
ys = np.sin(2.5 * xs) + 0.02 * zufall.normal(size=xs.shape)

anzahl_versteckt = 6
w1 = 0.6 * zufall.normal(size=(1, anzahl_versteckt))
b1 = 0.4 * zufall.normal(size=(1, anzahl_versteckt))
w2 = 0.5 * zufall.normal(size=(anzahl_versteckt, 1))
b2 = np.zeros((1, 1))
eta = 0.005


def tanh_ableitung(a):
    # erwartet die Aktivierung, nicht die Eingabe
    return 1.0 - a ** 2


for epoche in range(60):
    # vorwärts
    netz1 = np.matmul(xs, w1) + b1
    aktiv1 = np.tanh(netz1)
    ausgabe = np.matmul(aktiv1, w2) + b2
    loss = 0.5 * np.mean((ausgabe - ys) ** 2)

    # rückwärts
    fehler = (ausgabe - ys) / len(xs)
    delta1 = np.matmul(fehler, w2.T) * tanh_ableitung(aktiv1)
    grad_w2 = np.matmul(aktiv1.T, fehler)
    grad_b2 = fehler.sum(axis=0, keepdims=True)
    grad_w1 = np.matmul(xs.T, delta1)
    grad_b1 = delta1.sum(axis=0, keepdims=True)

    w2 = w2 - eta * grad_w2
    b2 = b2 - eta * grad_b2
    w1 = w1 - eta * grad_w1
    b1 = b1 - eta * grad_b1

    if epoche % 20 == 0:
        print("Epoche", epoche, "Fehler", loss)
