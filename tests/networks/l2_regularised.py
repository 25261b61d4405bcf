import numpy as np


class RegularisedNet:
    def __init__(self, d, h, c, l2=0.02, seed=5):
        rng = np.random.default_rng(seed)
        self.params = {
            "W1": rng.normal(size=(d, h)) / np.sqrt(d),  #@ init
            "b1": np.zeros((1, h)),
            "W2": rng.normal(size=(h, c)) / np.sqrt(h),  #@ init
            "b2": np.zeros((1, c)),
        }
        self.l2 = l2

    def forward(self, X):
        p = self.params
        self.z1 = X @ p["W1"] + p["b1"]
        self.a1 = np.log1p(np.exp(self.z1))  # softplus  #@ swap slug=cache-mutated-before-backward old=np.log1p(np.exp(self.z1)) new=np.log1p(np.exp(self.z1),out=self.z1) also=readz
        z2 = self.a1 @ p["W2"] + p["b2"]
        e = np.exp(z2 - z2.max(axis=1, keepdims=True))  #@ swap slug=double-softmax old=np.exp(z2-z2.max(axis=1,keepdims=True)) new=np.exp(np.exp(z2)/np.exp(z2).sum(axis=1,keepdims=True)) ; swap slug=softmax-axis old=z2.max(axis=1,keepdims=True) new=z2.max() skip=1
        self.a2 = e / e.sum(axis=1, keepdims=True)  #@ swap slug=softmax-axis old=e.sum(axis=1,keepdims=True) new=e.sum(axis=0,keepdims=True)
        return self.a2

    def compute_loss(self, Y):
        cross = -np.sum(Y * np.log(self.a2)) / len(Y)
        penalty = self.l2 / 2 * (np.sum(self.params["W1"] ** 2) + np.sum(self.params["W2"] ** 2))
        return cross + penalty

    def gradients(self, X, Y):
        m = len(X)
        d2 = (self.a2 - Y) / m  #@ scale n=m ; delta out=self.a2 ; swap slug=gradient-ascent old=self.a2-Y new=Y-self.a2
        d1 = (d2 @ self.params["W2"].T) * (1 / (1 + np.exp(-self.z1)))  #@ mark readz ; act f=smooth d=(1/(1+np.exp(-self.z1))) a=self.a1 z=self.z1
        return {
            "W1": X.T @ d1 + self.l2 * self.params["W1"],  #@ reg term=self.l2*self.params["W1"]
            "b1": d1.sum(axis=0, keepdims=True),  #@ bg
            "W2": self.a1.T @ d2 + self.l2 * self.params["W2"],  #@ reg term=self.l2*self.params["W2"] ; wg x=self.a1 bad=self.z1
            "b2": d2.sum(axis=0, keepdims=True),  #@ bg
        }

    def fit(self, X, Y, lr=0.5, epochs=300):
        for epoch in range(epochs):
            self.forward(X)  #@ theta self.params
            loss = self.compute_loss(Y)  #@ loss loss
            grads = self.gradients(X, Y)  #@ grad [grads[k] for k in self.params]
            for k in self.params:
                self.params[k] -= lr * grads[k]  #@ upd
            if epoch % 100 == 0:
                print(epoch, round(loss, 5))
        return loss


r = np.random.default_rng(55)
X = r.normal(size=(60, 3))
Y = np.eye(2)[(X.sum(axis=1) ** 2 > 2).astype(int)]
print("final loss", RegularisedNet(3, 7, 2).fit(X, Y))
