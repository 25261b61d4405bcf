import math

# two inputs, two hidden, two outputs, every weight by its own name
i1, i2 = 0.05, 0.10
t1, t2 = 0.01, 0.99
w1, w2, w3, w4 = 0.15, 0.20, 0.25, 0.30
w5, w6, w7, w8 = 0.40, 0.45, 0.50, 0.55
b1, b2 = 0.35, 0.60
lr = 0.5


def logistic(v):
    return 1 / (1 + math.exp(-v))


for step in range(2000):
    net_h1 = w1 * i1 + w2 * i2 + b1  #@ theta [(globals(),k) for k in ('w1','w2','w3','w4','w5','w6','w7','w8','b1','b2')]
    net_h2 = w3 * i1 + w4 * i2 + b1
    h1, h2 = logistic(net_h1), logistic(net_h2)
    net_o1 = w5 * h1 + w6 * h2 + b2
    net_o2 = w7 * h1 + w8 * h2 + b2
    o1, o2 = logistic(net_o1), logistic(net_o2)
    E = 0.5 * (t1 - o1) ** 2 + 0.5 * (t2 - o2) ** 2  #@ loss E

    d_o1 = (o1 - t1) * o1 * (1 - o1)  #@ swap slug=gradient-ascent old=o1-t1 new=t1-o1 skip=1 ; swap slug=missing-activation-derivative old=(o1-t1)*o1*(1-o1) new=o1-t1 ; drop slug=wrong-activation-derivative term=(1-o1) ; act f=sigmoid d=o1*(1-o1) a=o1 z=net_o1
    d_o2 = (o2 - t2) * o2 * (1 - o2)  #@ swap slug=missing-upstream-gradient old=(o2-t2)*o2*(1-o2) new=o2*(1-o2)
    d_h1 = (d_o1 * w5 + d_o2 * w7) * h1 * (1 - h1)  #@ drop slug=backpropagated-error-wrong term=d_o2*w7 ; swap slug=backpropagated-error-wrong old=d_o1*w5+d_o2*w7 new=d_o1*w5+d_o2*w6 ; drop slug=wrong-activation-derivative term=(1-h1) ; swap slug=activation-formula-on-preactivation old=(d_o1*w5+d_o2*w7)*h1*(1-h1) new=(d_o1*w5+d_o2*w7)*net_h1*(1-net_h1) ; mark uses
    d_h2 = (d_o1 * w6 + d_o2 * w8) * h2 * (1 - h2)  #@ swap slug=missing-activation-derivative old=(d_o1*w6+d_o2*w8)*h2*(1-h2) new=d_o1*w6+d_o2*w8 ; act f=sigmoid d=h2*(1-h2) a=h2 z=net_h2

    w5 -= lr * d_o1 * h1  #@ upd before=uses ; wg x=h1 bad=h2,net_h1
    w6 -= lr * d_o1 * h2  #@ upd
    w7 -= lr * d_o2 * h1  #@ upd
    w8 -= lr * d_o2 * h2  #@ upd ; wg x=h2 bad=w8
    b2 -= lr * (d_o1 + d_o2)  #@ upd ; drop slug=shared-weight-gradient-overwritten term=d_o2
    w1 -= lr * d_h1 * i1  #@ upd ; wg x=i1 bad=h1
    w2 -= lr * d_h1 * i2  #@ upd
    w3 -= lr * d_h2 * i1  #@ upd
    w4 -= lr * d_h2 * i2  #@ upd
    b1 -= lr * (d_h1 + d_h2)  #@ upd ; implied lr
    if step % 500 == 0:
        print(step, E)
print(o1, o2)
