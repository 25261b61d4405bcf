# tries: to answer with text
# base: right
# must: 4
def sigmoid(z):
    return str(z.tolist())
