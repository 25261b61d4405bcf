"""A small convolutional net by plain loops: conv, ReLU, 2x2 max-pool, softmax."""
import numpy as np

rng = np.random.default_rng(30)


def conv_forward(img, filt, bias):
    f, kh, kw = filt.shape
    H, W = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    out = np.zeros((f, H, W))
    for k in range(f):
        for i in range(H):
            for j in range(W):
                out[k, i, j] = np.sum(img[i:i + kh, j:j + kw] * filt[k]) + bias[k]
    return out


def conv_backward(dout, img, filt):
    f, kh, kw = filt.shape
    dfilt = np.zeros_like(filt)
    for k in range(f):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                dfilt[k] += dout[k, i, j] * img[i:i + kh, j:j + kw]  #@ acc slug=conv-gradient ; swap slug=conv-gradient old=dout[k,i,j] new=dout[k,j,i] ; swap slug=conv-gradient old=img[i:i+kh,j:j+kw] new=img[i:i+kh,j:j+kw][::-1,::-1]
    dbias = dout.sum(axis=(1, 2))  #@ swap slug=bias-gradient-axis old=dout.sum(axis=(1,2)) new=dout.sum() ; swap slug=bias-gradient-scale old=dout.sum(axis=(1,2)) new=dout.mean(axis=(1,2))
    return dfilt, dbias


def pool_forward(x):
    f, H, W = x.shape
    out = np.zeros((f, H // 2, W // 2))
    for i in range(H // 2):
        for j in range(W // 2):
            out[:, i, j] = x[:, 2 * i:2 * i + 2, 2 * j:2 * j + 2].max(axis=(1, 2))
    return out


def pool_backward(dout, x, out):
    dx = np.zeros_like(x)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            window = x[:, 2 * i:2 * i + 2, 2 * j:2 * j + 2]
            mask = window == out[:, i, j][:, None, None]
            dx[:, 2 * i:2 * i + 2, 2 * j:2 * j + 2] = mask * dout[:, i, j][:, None, None]  #@ drop slug=pooling-gradient term=mask ; swap slug=pooling-gradient old=mask*dout[:,i,j][:,None,None] new=dout[:,i,j][:,None,None]/4
    return dx


filt = rng.normal(size=(2, 3, 3)) * 0.3
fb = np.full(2, 0.1)
Wd = rng.normal(size=(2 * 2 * 2, 2)) * 0.3
bd = np.zeros(2)
images, labels = [], []
for n in range(8):
    img = rng.normal(size=(6, 7)) * 0.3
    if n % 2:
        img[2:4, :] += 1.0
    else:
        img[:, 3:5] += 1.0
    images.append(img)
    labels.append(n % 2)

for epoch in range(4):
    total = 0.0
    for img, label in zip(images, labels):
        c = conv_forward(img, filt, fb)  #@ theta filt,fb,Wd,bd
        r = np.maximum(c, 0)
        p = pool_forward(r)
        scores = p.reshape(-1) @ Wd + bd
        prob = np.exp(scores - scores.max())
        prob /= prob.sum()
        total -= np.log(prob[label])  #@ loss -np.log(prob[label])
        d = prob.copy()
        d[label] -= 1  #@ stmt slug=loss-derivative new=d[label]~+=~1
        dWd = np.outer(p.reshape(-1), d)
        dr = pool_backward((Wd @ d).reshape(p.shape), r, p)
        dc = dr * (c > 0)  #@ act f=relu d=(c>0) a=r z=c
        dfilt, dfb = conv_backward(dc, img, filt)  #@ grad dfilt,dfb,dWd,d
        filt -= 0.1 * dfilt  #@ upd
        fb -= 0.1 * dfb  #@ upd
        Wd -= 0.1 * dWd  #@ upd
        bd -= 0.1 * d  #@ upd
    print("epoch", epoch, "loss", total / len(images))
