import numpy as np

np.random.seed(10)


class NeuralNet:
    def __init__(self, layers, momentum=0.8, learning_rate=0.05):
        self.momentum = momentum
        self.learning_rate = learning_rate
        self.weights = []
        self.velocity = []
        for i in range(len(layers) - 1):
            w = np.random.uniform(-1, 1, (layers[i] + 1, layers[i + 1]))  #@ init
            self.weights.append(w)
            self.velocity.append(np.zeros_like(w))  #@ swap slug=aliased-state old=np.zeros_like(w) new=w

    def feed_forward(self, x):
        activations = [x]
        for w in self.weights:
            x = np.tanh(np.append(x, 1.0) @ w)
            activations.append(x)
        return activations

    def back_prop(self, x, target):
        acts = self.feed_forward(x)  #@ theta self.weights
        delta = (acts[-1] - target) * (1 - acts[-1] ** 2)  #@ loss 0.5*np.sum((acts[-1]-target)**2) ; act f=tanh d=(1-acts[-1]**2) a=acts[-1] out=1 ; swap slug=gradient-ascent old=acts[-1]-target new=target-acts[-1]
        grads = [None] * len(self.weights)
        for i in reversed(range(len(self.weights))):
            grads[i] = np.outer(np.append(acts[i], 1.0), delta)
            if i:
                delta = (self.weights[i][:-1] @ delta) * (1 - acts[i] ** 2)  #@ act f=tanh d=(1-acts[i]**2) a=acts[i]
        for i, g in enumerate(grads):  #@ grad grads
            self.velocity[i] = self.momentum * self.velocity[i] - self.learning_rate * g  #@ swap slug=momentum-sign old=self.momentum*self.velocity[i] new=-self.momentum*self.velocity[i] ; swap slug=gradient-ascent old=self.momentum*self.velocity[i]-self.learning_rate*g new=self.momentum*self.velocity[i]+self.learning_rate*g ; swap slug=optimizer-state-reset old=self.velocity[i] new=np.zeros_like(g)
            self.weights[i] += self.velocity[i]  #@ upd ; swap slug=momentum-sign old=self.velocity[i] new=-self.velocity[i] skip=1
        return 0.5 * np.sum((acts[-1] - target) ** 2)

    def train(self, X, Y, epochs):
        for epoch in range(epochs):
            total = sum(self.back_prop(x, t) for x, t in zip(X, Y))
            if epoch % 100 == 0:
                print("epoch {} error {:.5f}".format(epoch, total))


X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) * 2.0 - 1
Y = np.array([[-0.9], [0.9], [0.9], [-0.9]])
net = NeuralNet([2, 4, 1])
net.train(X, Y, 300)
print([net.feed_forward(x)[-1].round(2) for x in X])
