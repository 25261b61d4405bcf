# tries: to ignore every signal and run on
# base: right
# must: 4
import signal


def sigmoid(z):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        pass
