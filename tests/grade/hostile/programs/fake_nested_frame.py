# tries: to overflow the stack of the parser
# base: none
# must: 0
import os
import struct

text = b"[" * 900_000
data = struct.pack("<4sIQ", b"bpd1", len(text), 0) + text
while data:
    data = data[os.write(3, data) :]
