import numpy as np

text = "the cat sat on the mat the dog sat on the rug a cat and a dog sat on a rug".split()
words = sorted(set(text))
index = {w: i for i, w in enumerate(words)}
corpus = [index[w] for w in text]
rng = np.random.default_rng(0)
V, d, K = len(words), 5, 4
center_vectors = (rng.random((V, d)) - 0.5) / d
outside_vectors = (rng.random((V, d)) - 0.5) / d


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def neg_sampling(vc, outside, negatives):
    uo, uk = outside_vectors[outside], outside_vectors[negatives]
    pos, neg = sigmoid(uo @ vc), sigmoid(-uk @ vc)
    loss = -np.log(pos) - np.log(neg).sum()
    grad_vc = (pos - 1) * uo + (1 - neg) @ uk  #@ drop slug=loss-derivative term=(1-neg)@uk ; swap slug=loss-derivative old=1-neg new=neg-1 ; swap slug=loss-derivative old=1-neg new=neg
    grad_out = np.zeros_like(outside_vectors)
    grad_out[outside] += (pos - 1) * vc  #@ swap slug=loss-derivative old=pos-1 new=pos ; swap slug=weight-gradient-wrong-input old=vc new=uo
    np.add.at(grad_out, negatives, np.outer(1 - neg, vc))  #@ stmt slug=embedding-gradient new=grad_out[negatives]~+=~np.outer(1-neg,vc) ; stmt slug=embedding-gradient new=grad_out[negatives]~=~np.outer(1-neg,vc)
    return loss, grad_vc, grad_out


for epoch in range(15):
    total = 0.0
    for i, c in enumerate(corpus):
        for j in (i - 1, i + 1):
            if 0 <= j < len(corpus):
                negatives = rng.choice([w for w in range(V) if w != corpus[j]], K)
                loss, g_c, g_o = neg_sampling(center_vectors[c], corpus[j], negatives)  #@ theta center_vectors[c],outside_vectors ; loss loss ; grad g_c,g_o
                center_vectors[c] -= 0.2 * g_c  #@ upd ; swap slug=parameter-never-updated old=center_vectors[c] new=center_vectors[c] skip=1
                outside_vectors -= 0.2 * g_o  #@ upd
                total += loss
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", total / len(corpus))
