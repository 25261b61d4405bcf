import numpy as np


def relu(Z):
    return np.maximum(0, Z)


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def initialize_parameters(dims, seed=2):
    rng = np.random.default_rng(seed)
    parameters = {}
    for l in range(1, len(dims)):
        parameters["W" + str(l)] = rng.standard_normal((dims[l], dims[l - 1])) * np.sqrt(2 / dims[l - 1])  #@ init
        parameters["b" + str(l)] = np.zeros((dims[l], 1))
    return parameters


def forward_propagation(X, parameters):
    L = len(parameters) // 2
    cache = {"A0": X}
    for l in range(1, L + 1):
        Z = parameters["W" + str(l)] @ cache["A" + str(l - 1)] + parameters["b" + str(l)]
        cache["Z" + str(l)] = Z
        cache["A" + str(l)] = sigmoid(Z) if l == L else relu(Z)
    return cache["A" + str(L)], cache


def compute_cost(AL, Y):
    m = Y.shape[1]
    return float(-np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m)  #@ swap slug=loss-delta-mismatch old=float(-np.sum(Y*np.log(AL)+(1-Y)*np.log(1-AL))/m) new=float(np.sum((AL-Y)**2)/(2*m)) also=delta


def backward_propagation(AL, Y, cache, parameters):
    m = Y.shape[1]
    L = len(parameters) // 2
    grads = {}
    dZ = AL - Y  #@ mark delta ; loss compute_cost(AL,Y) ; delta out=AL ; swap slug=gradient-ascent old=AL-Y new=Y-AL
    for l in range(L, 0, -1):
        A_prev = cache["A" + str(l - 1)]
        grads["dW" + str(l)] = dZ @ A_prev.T / m  #@ scale n=m ; swap slug=weight-gradient-wrong-input old=A_prev new=relu(A_prev-0.1)
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m  #@ bg n=m
        if l > 1:
            dA = parameters["W" + str(l)].T @ dZ  #@ err w=parameters["W"+str(l)].T
            dZ = dA * (cache["Z" + str(l - 1)] > 0)  #@ act f=relu d=(cache["Z"+str(l-1)]>0) a=cache["A"+str(l-1)] z=cache["Z"+str(l-1)]
    return grads


def update_parameters(parameters, grads, learning_rate):
    for l in range(1, len(parameters) // 2 + 1):
        parameters["W" + str(l)] -= learning_rate * grads["dW" + str(l)]  #@ upd
        parameters["b" + str(l)] -= learning_rate * grads["db" + str(l)]  #@ upd
    return parameters


def model(X, Y, dims, learning_rate=0.3, num_iterations=800):
    parameters = initialize_parameters(dims)
    for i in range(num_iterations):
        AL, cache = forward_propagation(X, parameters)  #@ theta parameters
        cost = compute_cost(AL, Y)
        grads = backward_propagation(AL, Y, cache, parameters)  #@ grad [grads['d'+k] for k in parameters]
        parameters = update_parameters(parameters, grads, learning_rate)
        if i % 200 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
    return parameters


rs = np.random.default_rng(11)
X = rs.standard_normal((3, 80))
Y = ((X[0] * X[1] + X[2]) > 0).astype(float).reshape(1, -1)
params = model(X, Y, [3, 6, 6, 1])
probs, _ = forward_propagation(X, params)
print("accuracy", np.mean((probs > 0.5) == Y))
