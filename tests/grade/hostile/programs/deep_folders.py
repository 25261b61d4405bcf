# tries: to leave folders so deep that removing them fails
# base: right
# must: 0
import os

for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
