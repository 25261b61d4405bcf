import numpy as np

# per-sample backprop; gradients summed over a mini-batch, averaged, then one step
rng = np.random.default_rng(40)
samples = rng.normal(size=(60, 3))
classes = (samples[:, 0] > samples[:, 1]).astype(int) + (samples[:, 2] > 0.5)

Wa, ba = rng.normal(size=(6, 3)) * 0.5, np.zeros(6)
Wb, bb = rng.normal(size=(3, 6)) * 0.5, np.zeros(3)
batch_size, rate = 12, 0.4

for epoch in range(40):
    order = rng.permutation(len(samples))
    cost = 0.0
    for begin in range(0, len(samples), batch_size):
        members = order[begin:begin + batch_size]
        gWa, gba = np.zeros_like(Wa), np.zeros_like(ba)  #@ theta Wa,ba,Wb,bb
        gWb, gbb = np.zeros_like(Wb), np.zeros_like(bb)
        for i in members:
            x, c = samples[i], classes[i]
            net = Wa @ x + ba
            hid = np.maximum(net, 0)
            s = Wb @ hid + bb
            prob = np.exp(s - s.max())
            prob = prob / prob.sum()  #@ mark sm
            cost -= np.log(prob[c])  #@ loss+ -np.log(prob[c])/len(members)
            d_s = prob.copy()  #@ swap slug=stale-cache old=prob.copy() new=prob skip=1
            d_s[c] -= 1.0
            d_net = (Wb.T @ d_s) * (net > 0)  #@ act f=relu d=(net>0) a=hid z=net
            gWb += np.outer(d_s, hid)  #@ acc ; wg x=hid bad=net
            gbb += d_s  #@ acc
            gWa += np.outer(d_net, x)  #@ acc
            gba += d_net  #@ acc
        scale = rate / len(members)
        Wb -= scale * gWb  #@ upd
        bb -= scale * gbb  #@ upd
        Wa -= scale * gWa  #@ upd
        ba -= scale * gba  #@ upd ; implied rate ; swap slug=bias-gradient-scale old=scale new=rate
    if epoch % 10 == 0:
        print("epoch", epoch, "cost", cost / len(samples))
