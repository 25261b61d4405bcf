# tries: to leave with a good exit code
# base: none
# must: 0
import os

os._exit(0)
