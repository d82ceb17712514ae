# SPDX-License-Identifier: GPL-3.0-or-later
"""A GATT client by hand, on any socket of ATT PDUs: what a test wants to say,
octet by octet, and what comes back.

    att = Att(sock)             # Att.unix(PATH), or of le.connect(...)
    att.request(b"\\x0a\\x03\\x00")   # the response
    att.read(3)                 # the value; AttError(code) if refused
    att.discover()              # [Characteristic(...), ...]
"""

import select
import socket
import struct
import time
from collections import namedtuple

ERROR, NOTIFICATION, INDICATION, CONFIRMATION = 0x01, 0x1b, 0x1d, 0x1e
CONFIGURATION = "2902"

Characteristic = namedtuple(
    "Characteristic", "uuid handle value properties end descriptors")


class AttError(Exception):
    def __init__(self, code):
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


def uuid_text(octets):
    return octets[::-1].hex()


class Att:
    def __init__(self, sock, seconds=20):
        self.sock = sock
        self.seconds = seconds
        self.heard = []         # notified and indicated: (handle, value)
        self.asked = []         # of the server, to us
        self.confirm = True     # what is indicated, at once

    @classmethod
    def unix(cls, path, **more):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.connect(path)
        return cls(sock, **more)

    def send(self, pdu):
        self.sock.send(pdu)

    def receive(self, seconds=None):
        """The next PDU; TimeoutError; EOFError."""
        end = time.monotonic() + (self.seconds if seconds is None else seconds)
        ready = select.select([self.sock], [], [],
                              max(0, end - time.monotonic()))[0]
        if not ready:
            raise TimeoutError
        pdu = self.sock.recv(2048)
        if not pdu:
            raise EOFError
        return pdu

    def take(self, pdu):
        """True if it is of the server's own."""
        if pdu[0] in (NOTIFICATION, INDICATION):
            self.heard.append((struct.unpack("<H", pdu[1:3])[0], pdu[3:]))
            if pdu[0] == INDICATION and self.confirm:
                self.send(bytes([CONFIRMATION]))
            return True
        if pdu[0] & 1 == 0 and pdu[0] != CONFIRMATION:
            # A server that is a client as well finds nothing here.
            self.asked.append(pdu)
            self.send(bytes([ERROR, pdu[0]]) + pdu[1:3].ljust(2, b"\0")
                      + b"\x0a" if pdu[0] != 2 else b"\x03\x17\x00")
            return True
        return False

    def response(self):
        while True:
            pdu = self.receive()
            if not self.take(pdu):
                return pdu

    def request(self, pdu):
        self.send(pdu)
        return self.response()

    def ask(self, pdu):
        """What follows the opcode of a response that is no error."""
        response = self.request(pdu)
        if response[0] == ERROR:
            assert response[1] == pdu[0], (pdu, response)
            raise AttError(response[4])
        assert response[0] == pdu[0] + 1, (pdu, response)
        return response[1:]

    def code(self, function, *args):
        """The ATT error that it ends with, 0 if none."""
        try:
            function(*args)
        except AttError as error:
            return error.code
        return 0

    def listen(self, seconds, least=0):
        """What is notified until nothing has come for so long; for the least
        that has to come it waits as for a response."""
        while True:
            patience = self.seconds if len(self.heard) < least else seconds
            try:
                self.take(self.receive(patience))
            except TimeoutError:
                break
        heard, self.heard = self.heard, []
        return heard

    def exchange_mtu(self, mtu=517):
        return struct.unpack("<H", self.ask(struct.pack("<BH", 2, mtu)))[0]

    def read(self, handle):
        return self.ask(struct.pack("<BH", 0x0a, handle))

    def read_blob(self, handle, offset):
        return self.ask(struct.pack("<BHH", 0x0c, handle, offset))

    def read_long(self, handle):
        """However long: as long as a Read Blob gives something."""
        value = self.read(handle)
        while True:
            try:
                more = self.read_blob(handle, len(value))
            except AttError as error:
                if error.code not in (0x07, 0x0b):
                    raise
                return value
            value += more
            if not more:
                return value

    def write(self, handle, value):
        self.ask(struct.pack("<BH", 0x12, handle) + value)

    def write_command(self, handle, value):
        self.send(struct.pack("<BH", 0x52, handle) + value)

    def write_long(self, handle, value, piece=18):
        for at in range(0, len(value), piece):
            part = value[at:at + piece]
            back = self.ask(struct.pack("<BHH", 0x16, handle, at) + part)
            assert back == struct.pack("<HH", handle, at) + part
        self.ask(b"\x18\x01")

    def lists(self, opcode, uuid, first=1, last=0xffff):
        """Entries of Read By Group Type and Read By Type."""
        while first <= last:
            try:
                data = self.ask(
                    struct.pack("<BHHH", opcode, first, last, uuid))
            except AttError as error:
                if error.code != 0x0a:
                    raise
                return
            size = data[0]
            for at in range(1, len(data), size):
                entry = data[at:at + size]
                yield entry
                first = struct.unpack("<H", entry[2:4] if opcode == 0x10
                                      else entry[:2])[0] + 1

    def services(self, kind=0x2800):
        """(UUID, first handle, last)."""
        return [(uuid_text(e[4:]), *struct.unpack("<HH", e[:4]))
                for e in self.lists(0x10, kind)]

    def descriptors(self, first, last):
        while first <= last:
            try:
                data = self.ask(struct.pack("<BHH", 0x04, first, last))
            except AttError as error:
                if error.code != 0x0a:
                    raise
                return
            size = {1: 4, 2: 18}[data[0]]
            for at in range(1, len(data), size):
                first = struct.unpack("<H", data[at:at + 2])[0]
                yield uuid_text(data[at + 2:at + size]), first
                first += 1

    def discover(self):
        found = [(uuid_text(e[5:]), *struct.unpack("<HBH", e[:5]))
                 for e in self.lists(0x08, 0x2803)]
        ends = {}
        for _, first, last in self.services() + self.services(0x2801):
            inside = [c[1] for c in found if first <= c[1] <= last]
            for at, begins in enumerate(inside):
                ends[begins] = (inside + [last + 1])[at + 1] - 1
        return [Characteristic(uuid, handle, value, properties, ends[handle],
                               dict(self.descriptors(value + 1, ends[handle])))
                for uuid, handle, properties, value in found]
