import numpy as np

np.random.seed(1)

# XOR, one hidden layer, the usual flat script
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])

w0 = 2 * np.random.random((3, 4)) - 1  #@ init
w1 = 2 * np.random.random((4, 1)) - 1  #@ init ; swap slug=initialisation-scale old=2*np.random.random((4,1)) new=200*np.random.random((4,1)) skip=1

for i in range(6000):
    l0 = X  #@ theta w0,w1 ; silent
    l1 = 1 / (1 + np.exp(-(l0 @ w0)))
    l2 = 1 / (1 + np.exp(-(l1 @ w1)))
    l2_error = y - l2  #@ loss 0.5*((y-l2)**2).sum() ; neg slug=gradient-ascent term=RHS
    if i % 2000 == 0:
        print("error", np.mean(np.abs(l2_error)))
    l2_delta = l2_error * l2 * (1 - l2)  #@ act f=sigmoid d=l2*(1-l2) a=l2 z=(l1@w1) out=1
    l1_error = l2_delta @ w1.T  #@ err e=l2_delta raw=l2_error ; mark uses_w1
    l1_delta = l1_error * (l1 * (1 - l1))  #@ act f=sigmoid d=l1*(1-l1) a=l1 z=(l0@w0)
    w1 += l1.T @ l2_delta  #@ upd before=uses_w1 ; wg x=l1 bad=l1_delta,(l0@w0)
    w0 += l0.T @ l1_delta  #@ upd ; implied 1

print("after training")
print(l2)
