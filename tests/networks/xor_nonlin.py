import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


rng = np.random.RandomState(7)
inputs = np.array([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
targets = np.array([[0.], [1.], [1.], [0.]])

hidden_weights = rng.uniform(-1, 1, size=(2, 3))  #@ init
hidden_bias = rng.uniform(-1, 1, size=(1, 3))  #@ init
output_weights = rng.uniform(-1, 1, size=(3, 1))  #@ init
output_bias = rng.uniform(-1, 1, size=(1, 1))  #@ init
lr = 0.5  #@ swap slug=learning-rate-too-low old=0.5 new=1e-7 noline=1

for epoch in range(5000):
    hidden_in = np.dot(inputs, hidden_weights) + hidden_bias  #@ theta hidden_weights,hidden_bias,output_weights,output_bias ; silent
    hidden_out = nonlin(hidden_in)  #@ swap slug=no-nonlinearity old=nonlin(hidden_in) new=hidden_in skip=1
    output_in = np.dot(hidden_out, output_weights) + output_bias
    predicted = nonlin(output_in)

    error = targets - predicted  #@ loss 0.5*((targets-predicted)**2).sum() ; swap slug=gradient-ascent old=targets-predicted new=predicted-targets
    d_predicted = error * nonlin(predicted, deriv=True)  #@ act f=sigmoid d=nonlin(predicted,deriv=True) a=predicted z=output_in out=1

    error_hidden = d_predicted.dot(output_weights.T)  #@ err e=d_predicted raw=error ; mark uses_out
    d_hidden = error_hidden * nonlin(hidden_out, deriv=True)  #@ act f=sigmoid d=nonlin(hidden_out,deriv=True) a=hidden_out z=hidden_in

    output_weights += hidden_out.T.dot(d_predicted) * lr  #@ upd before=uses_out ; wg x=hidden_out bad=hidden_in
    output_bias += np.sum(d_predicted, axis=0, keepdims=True) * lr  #@ upd ; bg
    hidden_weights += inputs.T.dot(d_hidden) * lr  #@ upd
    hidden_bias += np.sum(d_hidden, axis=0, keepdims=True) * lr  #@ upd ; bg ; implied lr

print("final hidden weights:", *hidden_weights)
print("output:", *predicted)
