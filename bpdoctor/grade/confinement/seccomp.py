"""A seccomp filter: no sockets, no new programs, no processes, no signals to others, no rights or dates of files.

Threads stay allowed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from bpdoctor.grade.confinement.system import LINUX, MACHINE, NO_NEW_PRIVS, prctl

_LOAD, _EQUAL, _AT_LEAST, _ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_THREAD = 0x00010000
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# fmt: off
_NUMBERS: dict[str, dict[str, int]] = {
    "x86_64": dict(  # noqa: C408
        socket=41, connect=42, sendto=44, sendmsg=46, bind=49, listen=50, socketpair=53, accept=43, accept4=288,
        execve=59, execveat=322, ptrace=101, process_vm_readv=310, process_vm_writev=311, kcmp=312,
        shmget=29, shmat=30, shmctl=31, semget=64, semop=65, semctl=66, msgget=68, msgsnd=69, msgrcv=70, msgctl=71,
        mq_open=240, mq_unlink=241, setuid=105, setgid=106, setreuid=113, setregid=114, setgroups=116,
        setresuid=117, setresgid=119, capset=126, mount=165, umount2=166, pivot_root=155, chroot=161,
        setns=308, unshare=272, bpf=321, perf_event_open=298, keyctl=250, add_key=248, request_key=249,
        userfaultfd=323, io_uring_setup=425, io_uring_enter=426, io_uring_register=427, pidfd_open=434,
        pidfd_getfd=438, pidfd_send_signal=424, init_module=175, finit_module=313, delete_module=176,
        kexec_load=246, reboot=169, swapon=167, swapoff=168, sethostname=170, settimeofday=164, syslog=103,
        open_by_handle_at=304, name_to_handle_at=303, fanotify_init=300, process_madvise=440, mknod=133, mknodat=259,
        sched_setaffinity=203, sched_setscheduler=144, setpriority=141, migrate_pages=256, move_pages=279,
        fork=57, vfork=58, kill=62, tkill=200, tgkill=234, rt_sigqueueinfo=129, rt_tgsigqueueinfo=297,
        setsid=112, setpgid=109, clone=56, clone3=435, prlimit64=302,
        truncate=76, chown=92, fchown=93, lchown=94, fchownat=260, setxattr=188, lsetxattr=189, fsetxattr=190,
        removexattr=197, lremovexattr=198, fremovexattr=199, setxattrat=463, removexattrat=466, memfd_create=319,
        memfd_secret=447, sendmmsg=307, chmod=90, fchmod=91, fchmodat=268, fchmodat2=452, utime=132, utimes=235,
        utimensat=280, futimesat=261, fcntl=72, ioctl=16,
    ),
    "aarch64": dict(  # noqa: C408
        socket=198, connect=203, sendto=206, sendmsg=211, bind=200, listen=201, socketpair=199, accept=202, accept4=242,
        execve=221, execveat=281, ptrace=117, process_vm_readv=270, process_vm_writev=271, kcmp=272,
        shmget=194, shmat=196, shmctl=195, semget=190, semop=193, semctl=191, msgget=186, msgsnd=189, msgrcv=188,
        msgctl=187, mq_open=180, mq_unlink=181, setuid=146, setgid=144, setreuid=145, setregid=143, setgroups=159,
        setresuid=147, setresgid=149, capset=91, mount=40, umount2=39, pivot_root=41, chroot=51,
        setns=268, unshare=97, bpf=280, perf_event_open=241, keyctl=219, add_key=217, request_key=218,
        userfaultfd=282, io_uring_setup=425, io_uring_enter=426, io_uring_register=427, pidfd_open=434,
        pidfd_getfd=438, pidfd_send_signal=424, init_module=105, finit_module=273, delete_module=106,
        kexec_load=104, reboot=142, swapon=224, swapoff=225, sethostname=161, settimeofday=170, syslog=116,
        open_by_handle_at=265, name_to_handle_at=264, fanotify_init=262, process_madvise=440, mknodat=33,
        sched_setaffinity=122, sched_setscheduler=119, setpriority=140, migrate_pages=238, move_pages=239,
        kill=129, tkill=130, tgkill=131, rt_sigqueueinfo=138, rt_tgsigqueueinfo=240,
        setsid=157, setpgid=154, clone=220, clone3=435, prlimit64=261,
        truncate=45, fchown=55, fchownat=54, setxattr=5, lsetxattr=6, fsetxattr=7, removexattr=14, lremovexattr=15,
        fremovexattr=16, setxattrat=463, removexattrat=466, memfd_create=279, memfd_secret=447, sendmmsg=269,
        fchmod=52, fchmodat=53, fchmodat2=452, utimensat=88, fcntl=25, ioctl=29,
    ),
}
# fmt: on
_OWN = ("tgkill", "prlimit64", "rt_tgsigqueueinfo")
_PROCESSES = ("fork", "vfork", "kill", "tkill", "rt_sigqueueinfo", "setsid", "setpgid", "clone", "clone3", *_OWN)

# Rights and dates, which Landlock leaves alone. Copying a file sets them: that they stay as they are is no error.
_IDLE = ("chmod", "fchmod", "fchmodat", "fchmodat2", "utime", "utimes", "utimensat", "futimesat")
# Who is sent a signal when data arrive, and keys pressed for a terminal.
_ORDERS = {"fcntl": (8, 10, 15), "ioctl": (0x8901, 0x8902, 0x5412)}


def available() -> bool:
    """Say whether the machine's system calls are known here."""
    return LINUX and MACHINE in _NUMBERS


def restrict(*, processes: bool = False) -> None:
    """Filter this process's system calls for good; with `processes` it may fork and signal."""
    program = _program(processes, os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    told = Program(len(program) // 8, ctypes.addressof(buffer))
    prctl(NO_NEW_PRIVS, 1)
    prctl(22, 2, ctypes.addressof(told))


def _program(processes: bool, own: int) -> bytes:
    numbers = _NUMBERS[MACHINE]
    refuse, missing = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    code = [
        _step(_LOAD, 4), _step(_EQUAL, _ARCHITECTURE[MACHINE], 1, 0), _step(_RETURN, _KILL), _step(_LOAD, 0),
    ]  # fmt: skip
    if MACHINE == "x86_64":  # the x32 calls are the same calls under other numbers
        code += [_step(_AT_LEAST, 0x40000000, 0, 1), _step(_RETURN, refuse)]
    for name, number in numbers.items():
        if name in _ORDERS:
            code += _orders(number, _ORDERS[name], refuse)
        elif name not in _PROCESSES:
            code += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ERRNO if name in _IDLE else refuse)]
    if not processes:
        for name in ("fork", "vfork", "kill", "tkill", "rt_sigqueueinfo", "setsid", "setpgid"):
            if name in numbers:
                code += [_step(_EQUAL, numbers[name], 0, 1), _step(_RETURN, refuse)]
        # glibc falls back from clone3, whose flags a filter cannot see, to clone.
        code += [_step(_EQUAL, numbers["clone3"], 0, 1), _step(_RETURN, missing)]
        code += [_step(_EQUAL, numbers["clone"], 0, 4), _step(_LOAD, 16), _step(_ANY, _THREAD, 1, 0)]
        code += [_step(_RETURN, refuse), _step(_RETURN, _ALLOW)]
        for name in _OWN:
            code += [_step(_EQUAL, numbers[name], 0, 5), _step(_LOAD, 16), _step(_EQUAL, own, 2, 0)]
            code += [_step(_EQUAL, 0, 1, 0), _step(_RETURN, refuse), _step(_RETURN, _ALLOW)]
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def _orders(number: int, orders: tuple[int, ...], refuse: int) -> list[bytes]:
    """Refuse a call whose second argument is one of the orders."""
    told = [step for order in orders for step in (_step(_EQUAL, order, 0, 1), _step(_RETURN, refuse))]
    return [_step(_EQUAL, number, 0, len(told) + 2), _step(_LOAD, 24), *told, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, true, false, value)
