# tries: to read the memory of the process that started it
# base: none
# must: 0
import ctypes
import os

found = ctypes.create_string_buffer(64)


class Part(ctypes.Structure):
    _fields_ = (("at", ctypes.c_void_p), ("size", ctypes.c_size_t))


here, there = Part(ctypes.addressof(found), 64), Part(ctypes.addressof(found), 64)
libc = ctypes.CDLL(None, use_errno=True)
got = libc.process_vm_readv(os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
traced = libc.ptrace(16, os.getppid(), 0, 0)
print("LEAKED" if got > 0 or traced == 0 else "refused")
try:
    open(f"/proc/{os.getppid()}/mem", "rb").read(1)
    print("LEAKED")
except OSError:
    print("refused")
