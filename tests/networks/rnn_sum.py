"""Vanilla recurrent network; predicts the running mean of a noisy signal at every step."""
import numpy as np

np.random.seed(8)
hidden, seq_length, rate = 6, 7, 0.05
Wxh = np.random.randn(hidden, 1) * 0.5  #@ init
Whh = np.random.randn(hidden, hidden) * 0.3  #@ init
Why = np.random.randn(1, hidden) * 0.5  #@ init
bh = np.zeros((hidden, 1))
by = np.zeros((1, 1))


def forward_backward(inputs, targets, hprev):
    xs, hs, ys = {}, {-1: np.copy(hprev)}, {}
    loss = 0.0
    for t in range(len(inputs)):
        xs[t] = np.array([[inputs[t]]])
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        ys[t] = Why @ hs[t] + by
        loss += 0.5 * float(((ys[t] - targets[t]) ** 2).sum())
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = ys[t] - targets[t]  #@ swap slug=gradient-ascent old=ys[t]-targets[t] new=targets[t]-ys[t]
        dWhy += dy @ hs[t].T  #@ acc slug=shared-weight-gradient-overwritten ; wg x=hs[t] bad=hs[t-1]
        dby += dy  #@ acc slug=shared-weight-gradient-overwritten
        dh = Why.T @ dy + dhnext  #@ drop slug=recurrent-gradient-not-carried term=dhnext
        draw = (1 - hs[t] ** 2) * dh  #@ act f=tanh d=(1-hs[t]**2) a=hs[t]
        dbh += draw  #@ acc slug=shared-weight-gradient-overwritten
        dWxh += draw @ xs[t].T  #@ acc slug=shared-weight-gradient-overwritten
        dWhh += draw @ hs[t - 1].T  #@ acc slug=shared-weight-gradient-overwritten ; wg x=hs[t-1] bad=hs[t]
        dhnext = Whh.T @ draw  #@ err w=Whh.T ; swap slug=recurrent-gradient-not-carried old=Whh.T@draw new=Whh.T@dh ; swap slug=recurrent-gradient-not-carried old=Whh.T@draw new=draw
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]


signal = np.cumsum(np.random.randn(140)) * 0.2
answers = np.convolve(signal, np.ones(3) / 3, mode="same")
for epoch in range(15):
    h = np.zeros((hidden, 1))
    total = 0
    for p in range(0, len(signal) - seq_length, seq_length):
        loss, dWxh, dWhh, dWhy, dbh, dby, h = forward_backward(signal[p:p + seq_length], answers[p:p + seq_length], h)  #@ theta Wxh,Whh,Why,bh,by ; loss loss ; grad dWxh,dWhh,dWhy,dbh,dby
        total += loss
        for param, grad in zip([Wxh, Whh, Why, bh, by], [dWxh, dWhh, dWhy, dbh, dby]):
            np.clip(grad, -5, 5, out=grad)  #@ swap slug=gradient-clipping old=np.clip(grad,-5,5,out=grad) new=np.clip(grad,5,-5,out=grad)
            param -= rate * grad  #@ upd local=param ; swap slug=learning-rate-too-high old=rate new=100*rate skip=1
    print("epoch", epoch, "loss", total)
