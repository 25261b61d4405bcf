# tries: to answer with the right nonce and a value of its choice
# base: none
# must: 0
import json
import os
import struct
import sys


def sigmoid(z):
    frame = sys._getframe()
    while frame is not None and "header" not in frame.f_locals:
        frame = frame.f_back
    text = json.dumps({"nonce": frame.f_locals["header"]["nonce"], "value": {"v": True}, "arrays": []}).encode()
    os.write(3, struct.pack("<4sIQ", b"bpd1", len(text), 0) + text)
    return z


sigmoid_slope = sigmoid
