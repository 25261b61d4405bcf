# tries: to answer with numbers that are none
# base: none
# must: 0
import os
import struct

text = b'{"nonce": "x", "value": {"f": "0x1p99999999"}, "arrays": [["<f8", [-1]]]}'
def sigmoid(z):
    os.write(3, struct.pack("<4sIQ", b"bpd1", len(text), 0) + text)
sigmoid_slope = dense_forward = dense_backward = sigmoid
