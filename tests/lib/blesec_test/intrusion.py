# SPDX-License-Identifier: GPL-3.0-or-later
"""What an intruder would try who has taken over a process, and how it ends.

attempts(target) are the system calls; Target says at whom they are aimed.
REACHED are those that --no-sandbox lets through, HELD those that the kernel
refuses even then, since the process has no privileges: of the rest it depends
on the machine.
"""

import os
import signal
import struct
from errno import EACCES, EPERM

from blesec_test import inject

FAMILIES = {"unix": 1, "inet": 2, "inet6": 10, "netlink": 16, "packet": 17,
            "bluetooth": 31, "alg": 38, "vsock": 40}
STREAM, RAW = 1, 3
EXECUTABLE, WRITABLE = 4, 2
AT_FDCWD = -100
NS_NET = 0x40000000


class Target:
    def __init__(self, parent, signer, directory):
        self.parent, self.signer, self.directory = parent, signer, directory

    def path(self, name):
        return f"{self.directory}/{name}".encode()


def iovec():
    """One octet of a program that does not move."""
    return struct.pack("QQ", 0x400000, 1)


def attempts(at):
    """(What is tried, system call, arguments)"""
    unix = struct.pack("H", 1) + at.path("serve")
    bound = struct.pack("H", 1) + at.path("bound")
    yield "open", "open", b"/etc/passwd", os.O_RDONLY
    yield "openat", "openat", AT_FDCWD, b"/etc/passwd", os.O_RDONLY
    yield "openat2", "openat2", AT_FDCWD, b"/etc/passwd", bytes(24), 24
    yield "memory of the parent", "openat", AT_FDCWD, \
        f"/proc/{at.parent}/mem".encode(), os.O_RDWR
    yield "memory of the key's process", "openat", AT_FDCWD, \
        f"/proc/{at.signer}/mem".encode(), os.O_RDWR
    yield "the key", "open", at.path("peripheral/key.pem"), os.O_RDONLY
    yield "creat", "creat", at.path("created"), 0o600
    yield "mkdir", "mkdir", at.path("made"), 0o700
    yield "rename", "rename", at.path("created"), at.path("renamed")
    yield "unlink", "unlink", at.path("renamed")
    yield "chmod", "chmod", at.path("made"), 0o777
    for name, family in FAMILIES.items():
        yield f"socket {name}", "socket", family, \
            RAW if name in ("netlink", "packet", "bluetooth") else STREAM, \
            1 if name == "bluetooth" else 0
    yield "socketpair", "socketpair", 1, STREAM, 0, bytes(8)
    yield "connect", "connect", 60, unix, 2 + len(at.path("serve")) + 1
    yield "bind", "bind", 61, bound, 2 + len(at.path("bound")) + 1
    yield "listen", "listen", 61, 1
    yield "dup", "dup", 0
    yield "pipe", "pipe", bytes(8)
    yield "memfd_create", "memfd_create", b"x", 0
    yield "fork", "fork"
    yield "vfork", "vfork"
    yield "clone", "clone", signal.SIGCHLD, 0, 0, 0, 0
    yield "clone3", "clone3", bytes(32) + struct.pack("Q", 17) + bytes(24), 64
    yield "ptrace of the parent", "ptrace", 0x4206, at.parent, 0, 0
    yield "ptrace of the key's process", "ptrace", 0x4206, at.signer, 0, 0
    for who, pid in ("parent", at.parent), ("key's process", at.signer):
        yield f"process_vm_readv of the {who}", "process_vm_readv", pid, \
            iovec(), 1, iovec(), 1, 0
        yield f"process_vm_writev of the {who}", "process_vm_writev", pid, \
            iovec(), 1, iovec(), 1, 0
        yield f"kill of the {who}", "kill", pid, 0
        yield f"pidfd_open of the {who}", "pidfd_open", pid, 0
    yield "tgkill", "tgkill", at.parent, at.parent, 0
    yield "tkill", "tkill", at.parent, 0
    yield "pidfd_send_signal", "pidfd_send_signal", 0, 0, 0, 0
    yield "pidfd_getfd", "pidfd_getfd", 0, 0, 0
    yield "mprotect", "mprotect", "page", 4096, \
        1 | WRITABLE | EXECUTABLE
    yield "mmap", "mmap", 0, 4096, 1 | WRITABLE | EXECUTABLE, 0x22, -1, 0
    yield "ioctl", "ioctl", 0, 0x5401, bytes(64)
    yield "prctl", "prctl", 15, b"other", 0, 0, 0
    yield "seccomp", "seccomp", 2, 0, bytes(8)
    yield "setuid", "setuid", 0
    yield "setgid", "setgid", 0
    yield "setresuid", "setresuid", 0, 0, 0
    yield "capset", "capset", struct.pack("II", 0x20080522, 0), b"\xff" * 24
    yield "chroot", "chroot", b"/"
    yield "mount", "mount", b"none", b"/", b"tmpfs", 0, 0
    yield "unshare", "unshare", NS_NET
    yield "setns", "setns", 0, 0
    yield "init_module", "init_module", 0, 0, b""
    yield "bpf", "bpf", 0, struct.pack("IIII", 1, 4, 4, 1) + bytes(112), 128
    yield "perf_event_open", "perf_event_open", bytes(128), 0, -1, -1, 0
    yield "io_uring_setup", "io_uring_setup", 1, bytes(120)
    yield "userfaultfd", "userfaultfd", 0
    yield "add_key", "add_key", b"user", b"x", b"x", 1, -2
    yield "keyctl", "keyctl", 0, -2, 1
    yield "execve", "execve", b"/bin/true", 0, 0


# With --no-sandbox as root's, and without one capability.
REACHED = {
    "open", "openat", "openat2", "the key", "creat", "mkdir", "rename",
    "unlink", "chmod", "socket unix", "socket inet", "socketpair", "connect",
    "bind", "listen", "dup", "pipe", "memfd_create", "fork", "vfork", "clone",
    "clone3", "kill of the parent", "kill of the key's process",
    "pidfd_open of the parent", "tgkill", "tkill", "mmap", "mprotect", "prctl",
    "setuid", "setgid", "setresuid", "execve"}
HELD = {
    "memory of the parent", "memory of the key's process",
    "socket packet", "ptrace of the parent", "ptrace of the key's process",
    "process_vm_readv of the parent", "process_vm_readv of the key's process",
    "process_vm_writev of the parent",
    "process_vm_writev of the key's process", "capset", "chroot", "mount",
    "unshare"}
KILLED = "killed"


def attempt(process, call, arguments):
    """The kernel's answer, or KILLED."""
    page = process.saved.rsp & ~4095
    try:
        return process.call(call, *(page if a == "page" else a
                                    for a in arguments))
    except inject.Killed as how:
        assert how.args == (signal.SIGSYS,), how
        return KILLED


def free(process, at):
    """--no-sandbox: what is not confined can do what its user can."""
    process.call("setresuid", 0, 0, 0)
    # The numbers that connect and bind are to have.
    for number in 60, 61:
        fd = process.call("socket", 1, 5, 0)
        assert fd >= 0, fd
        assert process.call("dup2", fd, number) == number
    seen = set()
    for what, call, *arguments in attempts(at):
        if at.signer == process.pid and "key's process" in what:
            continue
        answer = attempt(process, call, arguments)
        if what in REACHED:
            assert answer >= 0, f"{what}: {answer}, which nothing forbids"
        elif what in HELD:
            assert answer in (-EPERM, -EACCES), f"{what}: {answer}"
        else:
            assert answer != KILLED, what
        seen.add(what)
    process.alive = False       # another program runs in it
    return seen
