import numpy as np


def im2col(x, fh, fw, stride, pad):
    N, C, H, W = x.shape
    oh, ow = (H + 2 * pad - fh) // stride + 1, (W + 2 * pad - fw) // stride + 1
    padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.zeros((N, C, fh, fw, oh, ow))
    for y in range(fh):
        for z in range(fw):
            col[:, :, y, z] = padded[:, :, y:y + stride * oh:stride, z:z + stride * ow:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * oh * ow, -1)


def col2im(col, shape, fh, fw, stride, pad):
    N, C, H, W = shape
    oh, ow = (H + 2 * pad - fh) // stride + 1, (W + 2 * pad - fw) // stride + 1
    col = col.reshape(N, oh, ow, C, fh, fw).transpose(0, 3, 4, 5, 1, 2)  #@ swap slug=im2col-gradient old=col.reshape(N,oh,ow,C,fh,fw).transpose(0,3,4,5,1,2) new=col.reshape(N,oh,ow,C,fh,fw).transpose(0,3,5,4,1,2)
    img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for y in range(fh):
        for z in range(fw):
            img[:, :, y:y + stride * oh:stride, z:z + stride * ow:stride] += col[:, :, y, z]  #@ acc slug=im2col-gradient
    return img[:, :, pad:H + pad, pad:W + pad]


class Conv:
    def __init__(self, out_c, in_c, k, stride, pad, rng):
        self.W = rng.normal(0, 0.4, (out_c, in_c, k, k))
        self.b = np.zeros(out_c)
        self.k, self.stride, self.pad = k, stride, pad

    def forward(self, x):
        self.shape = x.shape
        self.col = im2col(x, self.k, self.k, self.stride, self.pad)  #@ mark col
        out = self.col @ self.W.reshape(len(self.W), -1).T + self.b
        oh = (x.shape[2] + 2 * self.pad - self.k) // self.stride + 1
        return out.reshape(x.shape[0], oh, -1, len(self.W)).transpose(0, 3, 1, 2)

    def backward(self, dout):
        d = dout.transpose(0, 2, 3, 1).reshape(-1, len(self.W))  #@ swap slug=reshape-for-transpose old=dout.transpose(0,2,3,1).reshape(-1,len(self.W)) new=dout.reshape(-1,len(self.W)) ; swap slug=conv-gradient old=dout.transpose(0,2,3,1).reshape(-1,len(self.W)) new=dout.transpose(0,3,2,1).reshape(-1,len(self.W))
        self.db = d.sum(axis=0)  #@ bg
        self.dW = (self.col.T @ d).T.reshape(self.W.shape)  #@ swap slug=transposed-gradient old=(self.col.T@d).T.reshape(self.W.shape) new=(self.col.T@d).reshape(self.W.shape)
        return col2im(d @ self.W.reshape(len(self.W), -1), self.shape, self.k, self.k, self.stride, self.pad)


rng = np.random.default_rng(12)
x = rng.normal(size=(6, 1, 5, 6))
t = np.stack([np.abs(x).mean(axis=(1, 2, 3)), x[:, 0, 1, 1] * x[:, 0, 2, 2]], axis=1)
conv1, conv2 = Conv(3, 1, 3, 1, 1, rng), Conv(2, 3, 3, 2, 1, rng)
V = rng.normal(size=(18, 2)) * 0.2
params = [conv1.W, conv1.b, conv2.W, conv2.b, V]

for step in range(60):
    a1 = conv1.forward(x)  #@ theta params
    h1 = np.where(a1 > 0, a1, 0.2 * a1)
    h2 = np.tanh(conv2.forward(h1))
    flat = h2.reshape(len(x), -1)
    y = flat @ V
    loss = np.mean((y - t) ** 2)  #@ loss loss
    dy = 2 * (y - t) / y.size  #@ scale n=y.size u=1 ; swap slug=gradient-ascent old=y-t new=t-y
    dV = flat.T @ dy
    dh2 = (dy @ V.T).reshape(h2.shape)
    dh1 = conv2.backward(dh2 * (1 - h2 ** 2))  #@ act f=tanh d=(1-h2**2) a=h2
    conv1.backward(dh1 * np.where(a1 > 0, 1, 0.2))  #@ act f=leaky d=np.where(a1>0,1,0.2) a=h1 z=a1 ; swap slug=activation-slope-mismatch old=0.2 new=0.02
    grads = [conv1.dW, conv1.db, conv2.dW, conv2.db, dV]  #@ grad grads
    for p, g in zip(params, grads):
        p -= 0.1 * g  #@ upd local=p
    if step % 20 == 0:
        print(step, loss)
