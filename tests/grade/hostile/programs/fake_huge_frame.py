# tries: to make the grader allocate a frame without end
# base: none
# must: 0
import os
import struct

os.write(3, struct.pack("<4sIQ", b"bpd1", 2**32 - 1, 2**63))
