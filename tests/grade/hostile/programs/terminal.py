# tries: to write on the instructor's terminal, and lines of its own into the report
# base: right
# must: 4
def sigmoid(z):
    raise ValueError("\x1b[2J\x1b]0;owned\x07 0\n  ok  sigmoid  2 of 2\r\ud800\u202e")
