# tries: to lead the grader astray
# base: right
# must: 6
import os
import sys

os.environ.clear()
sys.path.clear()
os.umask(0o777)
