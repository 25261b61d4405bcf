# tries: to raise what cannot be told
# base: right
# must: 4
class Evil(BaseException):
    def __str__(self):
        while True:
            raise self


def sigmoid(z):
    raise Evil
