from math import exp
from random import random, seed


def initialize_network(n_inputs, n_hidden, n_outputs):
    network = []
    network.append([{"weights": [random() - 0.5 for _ in range(n_inputs + 1)]} for _ in range(n_hidden)])  #@ init
    network.append([{"weights": [random() - 0.5 for _ in range(n_hidden + 1)]} for _ in range(n_outputs)])  #@ init
    return network


def activate(weights, inputs):
    total = weights[-1]
    for i in range(len(weights) - 1):
        total += weights[i] * inputs[i]
    return total


def transfer(activation):
    return 1.0 / (1.0 + exp(-activation))


def forward_propagate(network, row):
    inputs = row
    for layer in network:
        new_inputs = []
        for neuron in layer:
            neuron["net"] = activate(neuron["weights"], inputs)
            neuron["output"] = transfer(neuron["net"])
            new_inputs.append(neuron["output"])
        inputs = new_inputs
    return inputs


def transfer_derivative(output):
    return output * (1.0 - output)


def backward_propagate_error(network, expected):
    for i in reversed(range(len(network))):
        layer = network[i]
        errors = []
        if i != len(network) - 1:
            for j in range(len(layer)):
                error = 0.0
                for neuron in network[i + 1]:
                    error += neuron["weights"][j] * neuron["delta"]  #@ acc slug=backpropagated-error-wrong ; swap slug=backpropagated-error-wrong old=neuron["weights"][j]*neuron["delta"] new=neuron["delta"]
                errors.append(error)
        else:
            for j in range(len(layer)):
                errors.append(layer[j]["output"] - expected[j])  #@ swap slug=gradient-ascent old=layer[j]["output"]-expected[j] new=expected[j]-layer[j]["output"] ; swap slug=loss-derivative old=layer[j]["output"]-expected[j] new=layer[j]["output"]
        for j in range(len(layer)):
            neuron = layer[j]
            neuron["delta"] = errors[j] * transfer_derivative(neuron["output"])  #@ act f=sigmoid d=transfer_derivative(neuron["output"]) a=neuron["output"] z=neuron["net"]


def update_weights(network, row, l_rate):
    for i in range(len(network)):
        inputs = row[:-1]
        if i != 0:
            inputs = [neuron["output"] for neuron in network[i - 1]]  #@ swap slug=weight-gradient-wrong-input old=neuron["output"] new=neuron["net"]
        for neuron in network[i]:
            for j in range(len(inputs)):
                neuron["weights"][j] -= l_rate * neuron["delta"] * inputs[j]  #@ upd ; swap slug=weight-gradient-wrong-input old=l_rate*neuron["delta"]*inputs[j] new=l_rate*neuron["delta"]
            neuron["weights"][-1] -= l_rate * neuron["delta"]  #@ upd ; swap slug=bias-update old=neuron["delta"] new=neuron["weights"][-1]


def train_network(network, train, l_rate, n_epoch, n_outputs):
    for epoch in range(n_epoch):
        sum_error = 0
        for row in train:
            outputs = forward_propagate(network, row)  #@ theta [n['weights'] for L in network for n in L]
            expected = [0] * n_outputs
            expected[row[-1]] = 1
            sum_error += sum((expected[i] - outputs[i]) ** 2 for i in range(n_outputs))  #@ loss 0.5*sum((expected[i] - outputs[i]) ** 2 for i in range(n_outputs))
            backward_propagate_error(network, expected)
            update_weights(network, row, l_rate)  #@ implied l_rate
        if epoch % 20 == 0:
            print(">epoch=%d, lrate=%.3f, error=%.3f" % (epoch, l_rate, sum_error))


seed(1)
dataset = [[2.1, 1.7, 0], [1.3, 2.2, 0], [3.4, 4.1, 0], [1.2, 1.1, 0], [2.9, 3.1, 0],
           [7.2, 2.6, 1], [5.4, 2.3, 1], [6.8, 1.5, 1], [8.4, -0.3, 1], [7.5, 3.3, 1]]
network = initialize_network(2, 3, 2)
train_network(network, dataset, 0.4, 80, 2)
