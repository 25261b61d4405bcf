# tries: to abort
# base: right
# must: 4
import os


def sigmoid(z):
    os.abort()
