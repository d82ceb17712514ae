# SPDX-License-Identifier: GPL-3.0-or-later
"""LE L2CAP sockets (Python's own know no fixed channel and no address type).

    sock = le.connect(source, destination)          # to CID 4, ATT
    sock = le.listen(source).accept()[0]
    sock = le.connect(source, destination, psm=0x80)

Addresses are "AA:BB:CC:DD:EE:FF" or (that, le.RANDOM).
"""

import ctypes
import os
import socket
import struct

PUBLIC, RANDOM = 1, 2
ATT_CID = 4
SOL_BLUETOOTH, BT_SECURITY = 274, 4

libc = ctypes.CDLL(None, use_errno=True)


def _address(where, cid, psm):
    text, kind = (where, PUBLIC) if isinstance(where, str) else where
    return struct.pack("<HH6sHBx", 31, psm,
                       bytes.fromhex(text.replace(":", ""))[::-1],
                       0 if psm else cid, kind)


def _call(function, sock, address):
    if function(sock.fileno(), address, len(address)):
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))


def _socket(source, cid, psm):
    sock = socket.socket(31, socket.SOCK_SEQPACKET, 0)
    _call(libc.bind, sock, _address(source, cid, psm))
    return sock


def connect(source, destination, cid=ATT_CID, psm=0):
    """From the adapter with that address; blocks until the link is up."""
    sock = _socket(source, 0 if psm else cid, 0)
    _call(libc.connect, sock, _address(destination, cid, psm))
    return sock


def listen(source, cid=ATT_CID, psm=0):
    sock = _socket(source, cid, psm)
    sock.listen(8)
    return _Listener(sock)


class _Listener:
    """accept() of Python's would fail to understand the address."""

    def __init__(self, sock):
        self.sock = sock

    def accept(self):
        fd = libc.accept(self.sock.fileno(), None, None)
        if fd < 0:
            errno = ctypes.get_errno()
            raise OSError(errno, os.strerror(errno))
        return socket.socket(31, socket.SOCK_SEQPACKET, 0, fileno=fd)


def security(sock):
    """(level, key size) of the link."""
    value = sock.getsockopt(SOL_BLUETOOTH, BT_SECURITY, 2)
    return value[0], value[1]
