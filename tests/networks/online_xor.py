import random
import math

random.seed(2)

# one sample at a time, plain floats, lists of lists


def sig(u):
    return 1 / (1 + math.exp(-u))


samples = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
H = 3
w_h = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(H)]  #@ stmt slug=aliased-state new=w_h~=~[[random.uniform(-1,~1)~for~_~in~range(3)]]~*~H
w_o = [random.uniform(-1, 1) for _ in range(H + 1)]
rate = 0.5

for epoch in range(1500):
    err_sum = 0
    for x, target in samples:
        xi = x + [1]
        # forward
        net = [sum(w * v for w, v in zip(ws, xi)) for ws in w_h]  #@ theta w_h,w_o
        h = [sig(u) for u in net]
        hb = h + [1]
        o = sig(sum(w * v for w, v in zip(w_o, hb)))
        err_sum += 0.5 * (target - o) ** 2  #@ loss 0.5 * (target - o) ** 2
        # backward
        d_o = (target - o) * o * (1 - o)  #@ swap slug=missing-activation-derivative old=(target-o)*o*(1-o) new=(target-o)*(1-o) skip=1 ; swap slug=gradient-ascent old=target-o new=o-target ; act f=sigmoid d=o*(1-o) a=o
        d_h = [d_o * w_o[j] * h[j] * (1 - h[j]) for j in range(H)]  #@ swap slug=activation-formula-on-preactivation old=d_o*w_o[j]*h[j]*(1-h[j]) new=d_o*w_o[j]*net[j]*(1-net[j]) ; swap slug=missing-activation-derivative old=d_o*w_o[j]*h[j]*(1-h[j]) new=d_o*w_o[j] ; swap slug=wrong-activation-derivative old=d_o*w_o[j]*h[j]*(1-h[j]) new=d_o*w_o[j]*(1-h[j]**2) ; swap slug=backpropagated-error-wrong old=d_o*w_o[j]*h[j]*(1-h[j]) new=d_o*h[j]*(1-h[j]) ; mark uses_o
        for j in range(H + 1):
            w_o[j] += rate * d_o * hb[j]  #@ upd
        for j in range(H):
            for k in range(3):
                w_h[j][k] += rate * d_h[j] * xi[k]  #@ upd ; swap slug=weight-gradient-wrong-input old=xi[k] new=h[k]
        pass  #@ implied rate
    if epoch % 500 == 0:
        print(epoch, err_sum)
print("error", err_sum)
