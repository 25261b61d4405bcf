# tries: to write on the instructor's terminal from its import
# base: right
# must: 6
raise ValueError("\x1b[2J\x1b]0;owned\x07 0\nstudent: 6 of 6\ud800")
