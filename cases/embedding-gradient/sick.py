import numpy as np

# a character model in the manner of Bengio et al. 2003: three letters predict the fourth
names = ["anna", "hannah", "nina", "ivan", "nathan", "ian", "aida", "diana", "viviana", "dina", "hana", "anita"]
chars = sorted(set("".join(names)))
stoi = {c: i + 1 for i, c in enumerate(chars)}
stoi["."] = 0
V = len(stoi)

block_size = 3
X, Y = [], []
for name in names:
    context = [0] * block_size
    for ch in name + ".":
        X.append(context)
        Y.append(stoi[ch])
        context = context[1:] + [stoi[ch]]
X, Y = np.array(X), np.array(Y)

n_embd, n_hidden = 4, 20
g = np.random.default_rng(2147)
C = g.normal(size=(V, n_embd))
W1 = g.normal(size=(n_embd * block_size, n_hidden)) * 0.4
b1 = g.normal(size=n_hidden) * 0.01
W2 = g.normal(size=(n_hidden, V)) * 0.1
b2 = np.zeros(V)
parameters = [C, W1, b1, W2, b2]

lossi = []
for i in range(150):
    emb = C[X]
    embcat = emb.reshape(len(X), -1)
    h = np.tanh(embcat @ W1 + b1)
    logits = h @ W2 + b2
    counts = np.exp(logits - logits.max(1, keepdims=True))
    probs = counts / counts.sum(1, keepdims=True)
    loss = -np.log(probs[np.arange(len(X)), Y]).mean()

    dlogits = probs.copy()
    dlogits[np.arange(len(X)), Y] -= 1
    dlogits /= len(X)
    dh = dlogits @ W2.T
    dW2 = h.T @ dlogits
    db2 = dlogits.sum(0)
    dhpreact = (1.0 - h**2) * dh
    dembcat = dhpreact @ W1.T
    dW1 = embcat.T @ dhpreact
    db1 = dhpreact.sum(0)
    demb = dembcat.reshape(emb.shape)
    dC = np.zeros_like(C)
    dC[X] += demb
    grads = [dC, dW1, db1, dW2, db2]

    lr = 0.5 if i < 100 else 0.1
    for p, grad in zip(parameters, grads):
        p -= lr * grad
    lossi.append(loss)
    if i % 30 == 0:
        print(f"{i:7d}: {loss:.4f}")
