# tries: to find secrets in environments
# base: none
# must: 0
import os

print(dict(os.environ))
for number in [os.getppid(), "self", 1]:
    try:
        with open(f"/proc/{number}/environ") as stream:
            print(stream.read())
    except OSError:
        pass
