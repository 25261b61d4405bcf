# tries: to answer each question just in time
# base: right
# must: 4
import time


def sigmoid(z):
    time.sleep(0.3)
    return 0.3 * z
