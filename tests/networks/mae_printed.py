# trains on the squared error; the mean absolute error is only printed
import numpy as np


class Regressor:
    def __init__(self):
        rs = np.random.RandomState(77)
        self.W_in = rs.uniform(-0.8, 0.8, (3, 5))  #@ init
        self.W_out = rs.uniform(-0.8, 0.8, (5, 1))  #@ init

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def sigmoid_prime(self, s):
        return s * (1 - s)

    def forward(self, X):
        self.net_h = np.dot(X, self.W_in)
        self.h = self.sigmoid(self.net_h)
        return np.dot(self.h, self.W_out)

    def train(self, X, y, epochs=600, alpha=0.01):
        for epoch in range(epochs):
            out = self.forward(X)  #@ theta self.W_in,self.W_out ; silent
            err = y - out  #@ loss 0.5*np.sum((y-out)**2) ; swap slug=gradient-ascent old=y-out new=out-y
            hidden_err = np.dot(err, self.W_out.T)  #@ mark uses_out
            hidden_delta = hidden_err * self.sigmoid_prime(self.h)  #@ act f=sigmoid d=self.sigmoid_prime(self.h) a=self.h z=self.net_h
            self.W_out += alpha * np.dot(self.h.T, err)  #@ upd before=uses_out ; wg x=self.h bad=self.net_h ; swap slug=learning-rate-too-high old=alpha new=alpha*100 noline=1
            self.W_in += alpha * np.dot(X.T, hidden_delta)  #@ upd ; implied alpha
            if epoch % 150 == 0:
                print("mean absolute error: %.4f" % np.mean(np.abs(err)))


gen = np.random.RandomState(4)
X = np.c_[gen.uniform(-1, 1, (40, 2)), np.ones(40)]
y = (X[:, 0] * 0.6 - 0.3 * X[:, 1] ** 2)[:, None]
model = Regressor()
model.train(X, y)
print(np.mean(np.abs(y - model.forward(X))))
