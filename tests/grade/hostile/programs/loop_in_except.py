# tries: to swallow every interruption
# base: right
# must: 4
def sigmoid(z):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
