import numpy as np

# all layers have the same width
n = 5
rng = np.random.default_rng(87)


def act(v):
    return 1.0 / (1.0 + np.exp(-v))


def act_prime_from_output(o):
    return o * (1.0 - o)


X = rng.uniform(0, 1, (n, 35))
T = np.roll(X, 1, axis=0) * 0.6 + 0.2
W1, W2, W3 = rng.normal(size=(n, n)), rng.normal(size=(n, n)), rng.normal(size=(n, n))  #@ init
m = X.shape[1]
lr = 2.0
for epoch in range(600):
    s1 = W1 @ X  #@ theta W1,W2,W3 ; swap slug=elementwise-for-matmul old=W1@X new=W1.sum(axis=1)[:,None]*X skip=1
    o1 = act(s1)
    s2 = W2 @ o1
    o2 = act(s2)
    s3 = W3 @ o2
    o3 = act(s3)
    cost = np.sum((o3 - T) ** 2) / (2 * m)  #@ loss cost
    e3 = (o3 - T) * act_prime_from_output(o3) / m  #@ act f=sigmoid d=act_prime_from_output(o3) a=o3 z=s3 ; scale n=m u=1 ; swap slug=gradient-ascent old=o3-T new=T-o3
    e2 = (W3.T @ e3) * act_prime_from_output(o2)  #@ act f=sigmoid d=act_prime_from_output(o2) a=o2 z=s2 ; err w=W3.T e=e3 raw=(o3-T)/m ; mark uses3
    e1 = (W2.T @ e2) * act_prime_from_output(o1)  #@ act f=sigmoid d=act_prime_from_output(o1) a=o1 z=s1 ; err w=W2.T e=e2 raw=e3 ; mark uses2 ; swap slug=transposed-weights old=W2.T@e2 new=W3.T@e2 skip=1
    W3 -= lr * e3 @ o2.T  #@ upd before=uses3 ; wg x=o2 bad=o1,s2,o3 ; swap slug=transposed-gradient old=lr*e3@o2.T new=(lr*e3@o2.T).T
    W2 -= lr * e2 @ o1.T  #@ upd before=uses2 ; wg x=o1 bad=o2,s1,X ; swap slug=transposed-gradient old=lr*e2@o1.T new=lr*o1@e2.T
    W1 -= lr * e1 @ X.T  #@ upd ; implied lr ; wg x=X bad=o1,T
    if epoch % 200 == 0:
        print(epoch, cost)
