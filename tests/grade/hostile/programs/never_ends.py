# tries: to run on after it was told to end
# base: right
# must: 6
import atexit
import threading


def run():
    while True:
        pass


class Late:
    def __del__(self):
        run()


late = Late()
atexit.register(run)
threading.Thread(target=run).start()
