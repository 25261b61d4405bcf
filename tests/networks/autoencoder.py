import numpy as np


class Autoencoder:
    """8-3-8, binary cross-entropy on one-hot codes."""

    def __init__(self, n, k, seed=0):
        rs = np.random.RandomState(seed)
        self.W_enc = rs.normal(0, 0.5, (n, k))  #@ init
        self.b_enc = np.zeros(k)
        self.W_dec = rs.normal(0, 0.5, (k, n))  #@ init
        self.b_dec = np.zeros(n)

    @staticmethod
    def _sigm(a):
        return 1.0 / (1.0 + np.exp(-a))

    def encode(self, x):
        return self._sigm(x @ self.W_enc + self.b_enc)

    def decode(self, code):
        return self._sigm(code @ self.W_dec + self.b_dec)

    def train_step(self, x, lr):
        n = x.shape[0]
        code = self.encode(x)  #@ theta self.W_enc,self.b_enc,self.W_dec,self.b_dec
        rec = self.decode(code)
        loss = -np.sum(x * np.log(rec) + (1 - x) * np.log(1 - rec)) / n  #@ loss loss ; swap slug=loss-delta-mismatch old=-np.sum(x*np.log(rec)+(1-x)*np.log(1-rec))/n new=np.sum((rec-x)**2)/(2*n) also=delta
        d_rec = (rec - x) / n  #@ mark delta ; scale n=n u=1 ; delta out=rec ; swap slug=gradient-ascent old=rec-x new=x-rec ; swap slug=loss-derivative old=rec-x new=-x/rec
        g_W_dec = code.T @ d_rec
        g_b_dec = d_rec.sum(axis=0)  #@ bg
        d_code = (d_rec @ self.W_dec.T) * code * (1 - code)  #@ drop slug=wrong-activation-derivative term=(1-code) ; swap slug=missing-activation-derivative old=(d_rec@self.W_dec.T)*code*(1-code) new=d_rec@self.W_dec.T ; act f=sigmoid d=code*(1-code) a=code
        g_W_enc = x.T @ d_code
        g_b_enc = d_code.sum(axis=0)  #@ bg ; grad g_W_enc,g_b_enc,g_W_dec,g_b_dec
        self.W_enc -= lr * g_W_enc  #@ upd
        self.b_enc -= lr * g_b_enc  #@ upd
        self.W_dec -= lr * g_W_dec  #@ upd
        self.b_dec -= lr * g_b_dec  #@ upd
        return loss


if __name__ == "__main__":
    data = np.eye(8)
    ae = Autoencoder(8, 3)
    for epoch in range(1000):
        loss = ae.train_step(data, lr=2.0)
        if epoch % 250 == 0:
            print("epoch", epoch, "reconstruction loss", loss)
    print(np.round(ae.encode(data)))
