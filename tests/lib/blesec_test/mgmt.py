# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's management socket (mgmt-api.txt), and who sits at both devices.

    people = People()                   # of hci0 and hci1
    people.can(DISPLAY_YES_NO, DISPLAY_YES_NO, sc=True)
    people.secure(sock, le.HIGH)        # (level, key size) that came of it
    people.forget(HCI0, HCI1)

They confirm all that is asked, and type what the other device displays.
"""

import select
import socket
import struct
import time

from blesec_test import le

DISPLAY_ONLY, DISPLAY_YES_NO, KEYBOARD_ONLY, NOTHING, KEYBOARD_DISPLAY = \
    range(5)
SET_POWERED, SET_BONDABLE = 0x05, 0x09
SET_SIMPLE_PAIRING, SET_LE = 0x0b, 0x0d
SET_IO_CAPABILITY, UNPAIR = 0x18, 0x1b
CONFIRM, PASSKEY_REPLY, SET_SECURE_CONNECTIONS = 0x1c, 0x1e, 0x2d
SET_ADVERTISING, SET_DEBUG_KEYS = 0x29, 0x2e
COMPLETE, STATUS = 0x01, 0x02
CONFIRM_REQUEST, PASSKEY_REQUEST, PASSKEY_NOTIFY = 0x0f, 0x10, 0x17
LE_PUBLIC = 1
NOT_PAIRED = 6


def address(text):
    return bytes.fromhex(text.replace(":", ""))[::-1] + bytes([LE_PUBLIC])


class People:
    def __init__(self):
        self.sock = socket.socket(31, socket.SOCK_RAW, 1)
        le.call("bind", self.sock, struct.pack("<HHH", 31, 0xffff, 3))
        self.shown = None               # a passkey
        self.asked = []                 # who is to type it: (index, address)
        self.confirmed = 0

    def send(self, code, index, params):
        self.sock.send(struct.pack("<HHH", code, index, len(params)) + params)

    def pump(self, seconds):
        """Answer what is asked for so long; what else came, as it came."""
        end = time.monotonic() + seconds
        while select.select([self.sock], [], [],
                            max(0, end - time.monotonic()))[0]:
            yield self.take(self.sock.recv(1024))

    def take(self, event):
        code, index, _ = struct.unpack("<HHH", event[:6])
        data = event[6:]
        if code == CONFIRM_REQUEST:
            self.confirmed += 1
            self.send(CONFIRM, index, data[:7])
        elif code == PASSKEY_NOTIFY:
            self.shown = data[7:11]
        elif code == PASSKEY_REQUEST:
            self.asked.append((index, data[:7]))
        if self.shown and self.asked:
            for index, who in self.asked:
                self.send(PASSKEY_REPLY, index, who + self.shown)
            self.shown, self.asked = None, []
        return code, index, data

    def command(self, code, index, params, permitted=()):
        self.send(code, index, params)
        for event, where, data in self.pump(60):
            if event in (COMPLETE, STATUS) and where == index and \
                    struct.unpack("<H", data[:2])[0] == code:
                assert data[2] in (0, *permitted), (hex(code), data)
                return
        raise TimeoutError(hex(code))

    def can(self, initiator, responder, sc):
        """What they have at the devices, and whether these know Secure
        Connections: on links from now on."""
        for index, io in ((0, initiator), (1, responder)):
            self.command(SET_LE, index, b"\1")
            self.command(SET_POWERED, index, b"\1")
            self.command(SET_BONDABLE, index, b"\1")
            # There is no other without this.
            self.command(SET_SIMPLE_PAIRING, index, b"\1")
            self.command(SET_SECURE_CONNECTIONS, index, bytes([sc]))
            self.command(SET_IO_CAPABILITY, index, bytes([io]))

    def forget(self, *devices):
        for index, device in enumerate(reversed(devices)):
            self.command(UNPAIR, index, address(device) + b"\1", (NOT_PAIRED,))

    def secure(self, sock, level, seconds=30):
        """Pair, or encrypt with the key that is there."""
        le.set_security(sock, level)
        return self.watch(sock, level, seconds)

    def watch(self, sock, level, seconds=30):
        """Wait until the link is at that level at least."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in self.pump(0.1):
                pass
            now = le.security(sock)
            if now[0] >= level and now[1]:
                return now
        raise TimeoutError(f"the link is at {le.security(sock)}")
