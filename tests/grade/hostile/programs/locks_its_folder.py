# tries: to leave a folder that cannot be removed
# base: right
# must: 6
import os

os.makedirs("a/b/c")
os.symlink("/etc", "a/link")
os.symlink("{OUTSIDE}", "outside")
os.chmod("a/b", 0)
os.chmod(".", 0)
