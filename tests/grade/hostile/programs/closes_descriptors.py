# tries: to close everything that is open
# base: none
# must: 0
import os

os.closerange(0, 1000)
