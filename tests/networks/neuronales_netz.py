import numpy as np


def aktivierung(netz_eingabe):
    return np.where(netz_eingabe > 0, netz_eingabe, 0)


def ableitung(netz_eingabe):
    return np.where(netz_eingabe > 0, 1, 0)


class Schicht:
    def __init__(self, eingaenge, neuronen, letzte, zufall):
        self.gewichte = zufall.normal(0, np.sqrt(2 / eingaenge), (neuronen, eingaenge))  #@ init
        self.schwellen = np.zeros((neuronen, 1))
        self.letzte = letzte

    def vorwaerts(self, x):
        self.eingabe = x
        self.netto = self.gewichte @ x + self.schwellen
        self.ausgabe = self.netto if self.letzte else aktivierung(self.netto)
        return self.ausgabe

    def rueckwaerts(self, fehler):
        delta = fehler if self.letzte else fehler * ableitung(self.netto)  #@ act f=relu d=ableitung(self.netto) a=self.ausgabe z=self.netto
        self.d_gewichte = delta @ self.eingabe.T  #@ wg x=self.eingabe bad=self.netto
        self.d_schwellen = delta.sum(axis=1, keepdims=True)  #@ bg
        return self.gewichte.T @ delta  #@ err w=self.gewichte.T


zufall = np.random.default_rng(49)
x = zufall.uniform(-1, 1, (2, 60))
ziel = np.vstack((np.maximum(x[0], x[1]), x[0] * x[1]))
schichten = [Schicht(2, 8, False, zufall), Schicht(8, 8, False, zufall), Schicht(8, 2, True, zufall)]
lernrate = 0.1
for durchlauf in range(400):
    a = x  #@ theta [[s.gewichte,s.schwellen] for s in schichten]
    for schicht in schichten:
        a = schicht.vorwaerts(a)
    verlust = np.sum((a - ziel) ** 2) / (2 * x.shape[1])  #@ loss verlust
    fehler = (a - ziel) / x.shape[1]  #@ scale n=x.shape[1] u=1 ; swap slug=gradient-ascent old=a-ziel new=ziel-a
    for schicht in reversed(schichten):
        fehler = schicht.rueckwaerts(fehler)
    for schicht in schichten:
        schicht.gewichte -= lernrate * schicht.d_gewichte  #@ upd
        schicht.schwellen -= lernrate * schicht.d_schwellen  #@ upd
    if durchlauf % 100 == 0:  #@ grad [[s.d_gewichte,s.d_schwellen] for s in schichten]
        print("Durchlauf", durchlauf, "Verlust", verlust)
print("Verlust am Ende", verlust)
