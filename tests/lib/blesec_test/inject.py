# SPDX-License-Identifier: GPL-3.0-or-later
"""System calls made by another process, as by an intruder who runs code there.

    with Process(pid) as process:
        process.call("socket", AF_INET, SOCK_STREAM, 0)
        process.call("open", b"/etc/passwd", O_RDONLY)  # octets: a pointer
    # what the kernel answers, below 0 for an error; Killed if it ends it

The process has to wait in a system call, as those of blesec do in poll.
Needs ptrace(2); ends the test with status 77 where that is not permitted, or
on another machine than x86-64.
"""

import ctypes
import os
import platform
import signal
import sys

from blesec_test.harness import eventually

NUMBERS = {
    "read": 0, "open": 2, "poll": 7, "mmap": 9, "mprotect": 10, "ioctl": 16,
    "pipe": 22, "dup": 32, "dup2": 33, "socket": 41, "connect": 42,
    "bind": 49, "listen": 50,
    "socketpair": 53, "clone": 56, "fork": 57, "vfork": 58, "execve": 59,
    "kill": 62, "rename": 82, "mkdir": 83, "creat": 85, "unlink": 87,
    "chmod": 90, "ptrace": 101, "setuid": 105, "setgid": 106,
    "setresuid": 117, "capset": 126, "prctl": 157, "setrlimit": 160,
    "chroot": 161, "mount": 165, "init_module": 175, "tkill": 200,
    "restart_syscall": 219,
    "tgkill": 234, "add_key": 248, "keyctl": 250, "openat": 257,
    "unshare": 272, "perf_event_open": 298, "open_by_handle_at": 304,
    "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "seccomp": 317, "memfd_create": 319, "bpf": 321, "execveat": 322,
    "userfaultfd": 323, "pidfd_send_signal": 424, "io_uring_setup": 425,
    "pidfd_open": 434, "clone3": 435, "openat2": 437, "pidfd_getfd": 438,
}

GETREGS, SETREGS, ATTACH, DETACH, SINGLESTEP = 12, 13, 16, 17, 9
SETOPTIONS, GETEVENTMSG = 0x4200, 0x4201
# With each of these, a new process is stopped before it runs.
TRACE_FORKS = 0x2 | 0x4 | 0x8
SYSCALL = b"\x0f\x05"

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


class Killed(Exception):
    """The kernel has ended the process for what it tried."""


class Registers(ctypes.Structure):
    """struct user_regs_struct"""
    _fields_ = [(name, ctypes.c_ulong) for name in (
        "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax "
        "rip cs eflags rsp ss fs_base gs_base ds es fs gs").split()]


def skip(why):
    print(why, file=sys.stderr)
    sys.exit(77)


def ptrace(request, pid, data=None):
    if LIBC.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


class Process:
    def __init__(self, pid):
        if platform.machine() != "x86_64":
            skip("the injection of system calls knows x86-64 only")
        self.pid = pid
        self.alive = True
        self.saved = Registers()
        # It may be at work for a moment, or not be confined yet.
        eventually("it waits in poll",
                   lambda: self.attached_in_poll() or ptrace(DETACH, pid))
        ptrace(SETOPTIONS, pid, TRACE_FORKS)
        self.memory = open(f"/proc/{pid}/mem", "r+b", buffering=0)
        self.memory.seek(self.saved.rip - len(SYSCALL))
        assert self.memory.read(len(SYSCALL)) == SYSCALL

    def attached_in_poll(self):
        try:
            ptrace(ATTACH, self.pid)
        except PermissionError:
            skip("this machine does not permit ptrace")
        os.waitpid(self.pid, 0)
        ptrace(GETREGS, self.pid, ctypes.byref(self.saved))
        return self.saved.orig_rax in (
            NUMBERS["poll"], NUMBERS["restart_syscall"])

    def __enter__(self):
        return self

    def __exit__(self, *how):
        self.memory.close()
        if self.alive:
            ptrace(SETREGS, self.pid, ctypes.byref(self.saved))
            ptrace(DETACH, self.pid)

    def place(self, octets, room):
        """Put them below the stack that is in use; their address."""
        address = self.saved.rsp - 4096 + room
        self.memory.seek(address)
        self.memory.write(octets + b"\0")
        return address

    def wait(self):
        """Until the step is over; what it forks meanwhile is ended."""
        while True:
            status = os.waitpid(self.pid, 0)[1]
            if os.WIFSIGNALED(status) or os.WIFEXITED(status):
                self.alive = False
                raise Killed(os.WTERMSIG(status))
            if status >> 16:
                child = ctypes.c_ulong()
                ptrace(GETEVENTMSG, self.pid, ctypes.byref(child))
                os.kill(child.value, signal.SIGKILL)
            elif os.WSTOPSIG(status) == signal.SIGSYS:
                # Seen before it takes its effect: let it.
                ptrace(SINGLESTEP, self.pid, signal.SIGSYS)
                continue
            else:
                return
            ptrace(SINGLESTEP, self.pid)

    def call(self, name, *arguments):
        regs = Registers.from_buffer_copy(self.saved)
        values, room = [], 0
        for argument in arguments:
            if isinstance(argument, bytes):
                size = len(argument) + 16 & ~7
                argument, room = self.place(argument, room), room + size
                assert room <= 3072
            values.append(argument)
        values += [0] * (6 - len(values))
        regs.rip -= len(SYSCALL)
        regs.rax = NUMBERS[name]
        regs.orig_rax = ctypes.c_ulong(-1).value
        (regs.rdi, regs.rsi, regs.rdx, regs.r10, regs.r8,
         regs.r9) = (ctypes.c_ulong(v).value for v in values)
        ptrace(SETREGS, self.pid, ctypes.byref(regs))
        ptrace(SINGLESTEP, self.pid)
        self.wait()
        ptrace(GETREGS, self.pid, ctypes.byref(regs))
        return ctypes.c_long(regs.rax).value
