# tries: to wait for a lock that it holds
# base: right
# must: 4
import threading

lock = threading.Lock()


def sigmoid(z):
    lock.acquire()
    lock.acquire()
    return z
