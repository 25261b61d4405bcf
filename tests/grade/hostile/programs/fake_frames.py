# tries: to answer before it is asked
# base: none
# must: 0
import json
import os
import struct

text = json.dumps({"nonce": "0" * 16, "value": {"t": [{"v": True}]}, "arrays": [], "score": 100}).encode()
for _ in range(50):
    os.write(3, struct.pack("<4sIQ", b"bpd1", len(text), 0) + text)
