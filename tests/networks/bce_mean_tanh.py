import numpy as np


def layer_sizes(X, Y, n_h=5):
    return X.shape[0], n_h, Y.shape[0]


def init_params(n_x, n_h, n_y):
    rs = np.random.RandomState(2)
    return {"W1": rs.randn(n_h, n_x) * 0.5,  #@ init
            "b1": np.zeros((n_h, 1)),
            "W2": rs.randn(n_y, n_h) * 0.5,  #@ init
            "b2": np.zeros((n_y, 1))}


def forward(X, p):
    Z1 = np.dot(p["W1"], X) + p["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(p["W2"], A1) + p["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def cost_function(A2, Y):
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)  #@ swap slug=loss-delta-mismatch old=np.multiply(np.log(A2),Y)+np.multiply(np.log(1-A2),1-Y) new=-0.5*(A2-Y)**2 also=delta
    return -np.sum(logprobs) / m


def backward(p, cache, X, Y):
    m = X.shape[1]
    W1, W2 = p["W1"], p["W2"]
    A1, A2, Z1 = cache["A1"], cache["A2"], cache["Z1"]
    dZ2 = A2 - Y  #@ mark delta ; delta out=A2 ; swap slug=loss-derivative old=A2-Y new=A2-Y*A2 ; swap slug=gradient-ascent old=A2-Y new=Y-A2
    dW2 = (1 / m) * np.dot(dZ2, A1.T)  #@ drop slug=gradient-scale term=(1/m) ; wg x=A1 bad=Z1
    db2 = (1 / m) * np.sum(dZ2, axis=1, keepdims=True)  #@ bg ; drop slug=bias-gradient-scale term=(1/m)
    dZ1 = np.multiply(np.dot(W2.T, dZ2), 1 - np.power(A1, 2))  #@ act f=tanh d=1-np.power(A1,2) a=A1 z=Z1
    dW1 = (1 / m) * np.dot(dZ1, X.T)  #@ drop slug=gradient-scale term=(1/m)
    db1 = (1 / m) * np.sum(dZ1, axis=1, keepdims=True)  #@ bg ; drop slug=bias-gradient-scale term=(1/m)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def nn_model(X, Y, num_iterations=1500, lr=1.0):
    p = init_params(*layer_sizes(X, Y))
    for i in range(num_iterations):
        A2, cache = forward(X, p)  #@ theta [p[k] for k in ('W1','b1','W2','b2')]
        cost = cost_function(A2, Y)  #@ loss cost
        g = backward(p, cache, X, Y)  #@ grad [g[k] for k in ('dW1','db1','dW2','db2')]
        p = {k: p[k] - lr * g["d" + k] for k in p}  #@ swap slug=gradient-ascent old=p[k]-lr*g["d"+k] new=p[k]+lr*g["d"+k]
        if i % 500 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
    return p


rs = np.random.RandomState(6)
X = rs.randn(2, 100)
Y = (np.abs(X[0:1]) + X[1:2] > 0.8).astype(int)
p = nn_model(X, Y)
A2, _ = forward(X, p)
print("Accuracy: %.1f%%" % (100 * np.mean((A2 > 0.5) == Y)))
