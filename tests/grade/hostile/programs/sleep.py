# tries: to wait without using the processor
# base: right
# must: 4
import time


def sigmoid(z):
    time.sleep(1000)
    return z
