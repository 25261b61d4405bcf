# tries: to answer with a reference to what the grader keeps
# base: none
# must: 0
import bpdoctor.grade.protocol as protocol


def answer(*given):
    return protocol.Reference("forward", (0,))


sigmoid = sigmoid_slope = dense_backward = answer


def dense_forward(x, W, b):
    return answer(), answer()
