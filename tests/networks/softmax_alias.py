import numpy as np

np.random.seed(0)
N, D, C, H = 45, 2, 3, 12
X = np.random.randn(N, D)
y = np.argmax(X @ np.array([[1.0, -1.0, 0.3], [0.2, 0.5, -1.0]]), axis=1)

W1 = 0.3 * np.random.randn(D, H)  #@ init
b1 = np.zeros((1, H))
W2 = 0.3 * np.random.randn(H, C)  #@ init
b2 = np.zeros((1, C))
step_size = 0.5
reg = 1e-3

for i in range(300):
    hidden = np.maximum(0, X @ W1 + b1)  #@ theta W1,b1,W2,b2
    scores = hidden @ W2 + b2
    exp_scores = np.exp(scores)  #@ swap slug=double-softmax old=np.exp(scores) new=np.exp(np.exp(scores)/np.sum(np.exp(scores),axis=1,keepdims=True))
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)  #@ swap slug=softmax-axis old=np.sum(exp_scores,axis=1,keepdims=True) new=np.sum(exp_scores,axis=0,keepdims=True) ; swap slug=softmax-axis old=np.sum(exp_scores,axis=1,keepdims=True) new=np.sum(exp_scores)
    data_loss = np.sum(-np.log(probs[range(N), y])) / N
    reg_loss = 0.5 * reg * np.sum(W1 * W1) + 0.5 * reg * np.sum(W2 * W2)
    loss = data_loss + reg_loss  #@ loss loss
    if i % 100 == 0:
        print("iteration %d: loss %f" % (i, loss))

    dscores = probs
    dscores[range(N), y] -= 1  #@ swap slug=gradient-ascent old=1 new=-1 skip=1
    dscores /= N

    dW2 = hidden.T @ dscores
    db2 = np.sum(dscores, axis=0, keepdims=True)  #@ bg
    dhidden = dscores @ W2.T
    dhidden[hidden <= 0] = 0  #@ stmt slug=missing-activation-derivative new=pass noline=1 ; swap slug=activation-derivative-of-gradient old=hidden new=dhidden ; swap slug=wrong-activation-derivative old=(hidden<=0) new=(hidden>=0)
    dW1 = X.T @ dhidden
    db1 = np.sum(dhidden, axis=0, keepdims=True)  #@ bg

    dW2 += reg * W2  #@ reg term=reg*W2
    dW1 += reg * W1  #@ grad dW1,db1,dW2,db2 ; reg term=reg*W1

    W1 += -step_size * dW1  #@ upd
    b1 += -step_size * db1  #@ upd
    W2 += -step_size * dW2  #@ upd
    b2 += -step_size * db2  #@ upd

print("accuracy", np.mean(np.argmax(np.maximum(0, X @ W1 + b1) @ W2 + b2, axis=1) == y))
