# SPDX-License-Identifier: GPL-3.0-or-later
"""A way into the processes of the tools, as an intruder there would have it.

The key's process takes requests from a socket that only the process of a
session has; this takes it out of there (pidfd_getfd(2)).
"""

import ctypes
import os
import socket
import struct
import sys

from blesec_test import attack
from blesec_test.harness import children, eventually

LIBC = ctypes.CDLL(None, use_errno=True)
PIDFD_GETFD = 438


def name(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""               # it has ended since it was listed


def workers(pid):
    """The processes of sessions, oldest first."""
    return sorted(p for p in children(pid) if name(p) == "blesec-peer")


def signer(pid):
    """The process that has the key."""
    return named(pid, "blesec-signer")


def named(pid, wanted):
    """The one child of that name, which it may not have yet."""
    return eventually(wanted, lambda: next(
        (p for p in children(pid) if name(p) == wanted), None))


def socket_is(path):
    """A file may be open there for a moment."""
    try:
        return os.readlink(path).startswith("socket:")
    except FileNotFoundError:
        return False


def signer_socket(pid):
    """The last socket of a session's process is its way to the key."""
    number = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd")
                 if socket_is(f"/proc/{pid}/fd/{fd}"))
    fd = LIBC.syscall(PIDFD_GETFD, os.pidfd_open(pid), number, 0)
    if fd < 0:
        err = ctypes.get_errno()
        print("pidfd_getfd:", os.strerror(err), file=sys.stderr)
        sys.exit(77)
    return socket.socket(fileno=fd)


def ask(sock, request):
    """(status, signature) that the key's process answers; None: it hung up."""
    sock.settimeout(15)
    try:
        sock.send(request)
        reply = sock.recv(4096)
    except (BrokenPipeError, ConnectionResetError):
        return None
    if not reply:
        return None
    status, _, size = struct.unpack("III", reply[:12])
    return status, reply[12:12 + size]


def session(serve):
    """(Central, socket) of a new session that has not used it yet."""
    before = set(workers(serve))
    peer = attack.discovered()
    new = eventually("a process", lambda: set(workers(serve)) - before)
    return peer, signer_socket(new.pop())
