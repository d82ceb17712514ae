# SPDX-License-Identifier: GPL-3.0-or-later
"""LE L2CAP sockets (Python's own know no fixed channel and no address type).

    sock = le.connect(source, destination)          # to CID 4, ATT
    sock = le.listen(source).accept()[0]
    sock = le.connect(source, destination, psm=0x80)

Addresses are "AA:BB:CC:DD:EE:FF" or (that, le.RANDOM).
"""

import ctypes
import fcntl
import glob
import os
import socket
import struct
import subprocess

PUBLIC, RANDOM = 1, 2
ATT_CID = 4
SOL_BLUETOOTH, BT_SECURITY, BT_RCVMTU = 274, 4, 13
SOL_L2CAP, L2CAP_CONNINFO = 6, 2
HCI_DISCONNECT, USER_ENDED = 0x0406, 0x13
HCIGETCONNLIST = 0x800448d4
OPEN, MEDIUM, HIGH, FIPS = 1, 2, 3, 4

libc = ctypes.CDLL(None, use_errno=True)


def _address(where, cid, psm):
    text, kind = (where, PUBLIC) if isinstance(where, str) else where
    return struct.pack("<HH6sHBx", 31, psm,
                       bytes.fromhex(text.replace(":", ""))[::-1],
                       0 if psm else cid, kind)


def call(function, sock, address):
    """bind or connect, with an address that Python would not understand."""
    if getattr(libc, function)(sock.fileno(), address, len(address)):
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))


def _socket(source, cid, psm, bound=0):
    sock = socket.socket(31, socket.SOCK_SEQPACKET, 0)
    call("bind", sock, _address(source, cid, bound))
    if psm:
        sock.setsockopt(SOL_BLUETOOTH, BT_RCVMTU, struct.pack("<H", 2048))
    return sock


def connect(source, destination, cid=ATT_CID, psm=0, seconds=0):
    """From the adapter with that address; blocks until the link is up, or for
    so long if that is not 0."""
    sock = _socket(source, 0 if psm else cid, psm)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO,
                    struct.pack("qq", seconds, 0))
    call("connect", sock, _address(destination, cid, psm))
    return sock


def listen(source, cid=ATT_CID, psm=0):
    sock = _socket(source, cid, psm, psm)
    sock.listen(8)
    return _Listener(sock)


class _Listener:
    """accept() of Python's would fail to understand the address: there is
    None in its place."""

    def __init__(self, sock):
        self.sock = sock

    def accept(self):
        fd = libc.accept(self.sock.fileno(), None, None)
        if fd < 0:
            errno = ctypes.get_errno()
            raise OSError(errno, os.strerror(errno))
        return socket.socket(31, socket.SOCK_SEQPACKET, 0, fileno=fd), None

    def fileno(self):
        return self.sock.fileno()


def security(sock):
    """(level, key size) of the link."""
    value = sock.getsockopt(SOL_BLUETOOTH, BT_SECURITY, 2)
    return value[0], value[1]


def set_security(sock, level):
    """Ask for a level, and return at once; refused if the link has it."""
    sock.setsockopt(SOL_BLUETOOTH, BT_SECURITY, bytes([level, 0]))


def cut(index, sock):
    """End the link under it, as hcitool ledc does; hci<index> has it."""
    end(index, sock.getsockopt(SOL_L2CAP, L2CAP_CONNINFO, 6)[:2])


def no_links():
    """No adapter has any. One that is up is seen without a process."""
    if glob.glob("/sys/class/bluetooth/hci*:*"):
        return False
    return "handle" not in subprocess.run(
        ("hcitool", "con"), stdout=subprocess.PIPE, text=True,
        check=True).stdout


def handle_of(index):
    """Of the first link of hci<index>."""
    links = bytearray(struct.pack("<HH16x", index, 1))
    with socket.socket(31, socket.SOCK_RAW, 1) as hci:
        fcntl.ioctl(hci, HCIGETCONNLIST, links)
    return bytes(links[4:6])


def end(index, handle):
    """The link of hci<index> with that handle."""
    with socket.socket(31, socket.SOCK_RAW, 1) as hci:
        call("bind", hci, struct.pack("<HHH", 31, index, 0))
        hci.send(struct.pack("<BHB", 1, HCI_DISCONNECT, 3) + handle
                 + bytes([USER_ENDED]))
