# tries: to answer with nesting without end
# base: right
# must: 4
def sigmoid(z):
    answer = []
    answer.append(answer)
    return answer
