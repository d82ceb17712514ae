# SPDX-License-Identifier: GPL-3.0-or-later
"""A GATT server by hand, on a unix socket: a peripheral that can be unplugged,
and that misbehaves as a test wants it to.

    sensor = Peripheral("peripheral")
    sensor.service(0x180d)
    rate = sensor.characteristic(0x2a37, NOTIFY)
    sensor.plug()                       # others may connect
    sensor.accept()                     # one has; it is answered from now
    sensor.notify(rate, b"value")
    sensor.unplug()

A link is served by a thread of its own.  "edit" may have another answer, and
"written" hears of what is written before it is answered.
"""

import os
import select
import socket
import struct
import threading
from dataclasses import dataclass

READ, WRITE_COMMAND, WRITE, NOTIFY, INDICATE = 0x02, 0x04, 0x08, 0x10, 0x20
SERVICE, CHARACTERISTIC, CONFIGURATION = 0x2800, 0x2803, 0x2902


@dataclass
class Attribute:
    uuid: bytes
    value: bytes
    end: int = 0                # of a service: its last handle
    allowed: int = READ


def octets(uuid):
    """Of 16 bits as a number, or of 128 as text."""
    if isinstance(uuid, int):
        return struct.pack("<H", uuid)
    return bytes.fromhex(uuid.replace("-", ""))[::-1]


def error(request, handle, code):
    return struct.pack("<BBHB", 1, request, handle, code)


class Peripheral:
    def __init__(self, path, mtu=517):
        self.path = path
        self.offers = mtu
        self.mtu = 23
        self.table = {}         # in order of handles
        self.listener = self.link = self.thread = None
        self.asked = []         # every PDU of this link
        self.edit = lambda pdu, answer: answer
        self.written = lambda handle, value: None
        self.confirmed = threading.Semaphore(0)
        self.held = threading.Event()

    # What it has

    def add(self, uuid, value=b"", allowed=READ, handle=None):
        handle = handle or max(self.table, default=0) + 1
        self.table[handle] = Attribute(octets(uuid), value, 0, allowed)
        for attribute in reversed(self.table.values()):
            if attribute.uuid == octets(SERVICE):
                attribute.end = handle
                break
        return handle

    def service(self, uuid, handle=None):
        return self.add(SERVICE, octets(uuid), handle=handle)

    def characteristic(self, uuid, properties, value=b""):
        """The handle of its value; that of its configuration is the next."""
        handle = max(self.table) + 1
        self.add(CHARACTERISTIC,
                 struct.pack("<BH", properties, handle + 1) + octets(uuid))
        self.add(uuid, value, properties)
        if properties & (NOTIFY | INDICATE):
            self.add(CONFIGURATION, bytes(2), READ | WRITE)
        return handle + 1

    def bits(self, value):
        """What is configured for a value."""
        return self.table[value + 1].value[0]

    # The link

    def plug(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(4)

    def accept(self, seconds=30):
        self.listener.settimeout(seconds)
        self.link = self.listener.accept()[0]
        self.mtu = 23
        self.asked = []
        for attribute in self.table.values():
            if attribute.uuid == octets(CONFIGURATION):
                attribute.value = bytes(2)
        self.held.clear()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def hang_up(self):
        self.link.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.link.close()

    def hold(self, *_):
        """As edit: no answer, and no more is read until it is reset."""
        self.held.wait(60)

    def reset(self):
        """Hang up with PDUs unread, while the thread does not read."""
        self.link.close()
        self.held.set()
        self.thread.join(10)
        self.link = None

    def unread(self):
        return select.select([self.link], [], [], 0)[0]

    def unplug(self):
        self.listener.close()
        os.unlink(self.path)
        if self.link:
            self.hang_up()
            self.link = None

    def run(self):
        link = self.link
        while True:
            try:
                pdu = link.recv(2048)
            except OSError:
                return
            if not pdu:
                return
            self.asked.append(pdu)
            if pdu[0] == 0x1e:
                self.confirmed.release()
                continue
            # Neither commands nor answers to us have one.
            answer = None if pdu[0] & 0x41 else self.answer(pdu)
            answer = self.edit(pdu, answer)
            try:
                for one in answer if isinstance(answer, list) else [answer]:
                    if one is not None:
                        link.send(one)
            except OSError:
                return

    def send(self, pdu):
        """False: nobody is there."""
        try:
            self.link.send(pdu)
        except OSError:
            return False
        return True

    def notify(self, handle, value):
        return self.send(struct.pack("<BH", 0x1b, handle) + value)

    def indicate(self, handle, value, seconds=10):
        """Until it is confirmed."""
        assert self.send(struct.pack("<BH", 0x1d, handle) + value)
        assert self.confirmed.acquire(timeout=seconds), "no confirmation"

    # Answers

    def answer(self, pdu):
        if pdu[0] == 0x02:
            self.mtu = max(23, min(self.offers,
                                   struct.unpack("<H", pdu[1:3])[0]))
            return struct.pack("<BH", 0x03, self.offers)
        if pdu[0] in (0x04, 0x08, 0x10):
            return self.answer_list(pdu)
        if pdu[0] in (0x0a, 0x0c, 0x12):
            return self.answer_one(pdu)
        return error(pdu[0], 0, 0x06)

    def answer_list(self, pdu):
        first, last = struct.unpack("<HH", pdu[1:5])
        items = []
        for handle, a in self.table.items():
            if not first <= handle <= last:
                continue
            if pdu[0] == 0x04:
                items.append(struct.pack("<H", handle) + a.uuid)
            elif a.uuid == pdu[5:] and pdu[0] == 0x08:
                items.append(struct.pack("<H", handle) + a.value)
            elif a.uuid == pdu[5:]:
                items.append(struct.pack("<HH", handle, a.end) + a.value)
        if not items:
            return error(pdu[0], first, 0x0a)
        size = len(items[0])
        head = (1 if size == 4 else 2) if pdu[0] == 0x04 else size
        answer = bytes([pdu[0] + 1, head])
        for item in items:
            if len(item) != size or len(answer) + size > self.mtu:
                break
            answer += item
        return answer

    def answer_one(self, pdu):
        handle, = struct.unpack("<H", pdu[1:3])
        attribute = self.table.get(handle)
        if not attribute:
            return error(pdu[0], handle, 0x01)
        if pdu[0] == 0x12:
            if not attribute.allowed & WRITE:
                return error(pdu[0], handle, 0x03)
            attribute.value = pdu[3:]
            self.written(handle, pdu[3:])
            return b"\x13"
        if not attribute.allowed & READ:
            return error(pdu[0], handle, 0x02)
        offset = struct.unpack("<H", pdu[3:5])[0] if pdu[0] == 0x0c else 0
        if offset > len(attribute.value):
            return error(pdu[0], handle, 0x07)
        value = attribute.value[offset:offset + self.mtu - 1]
        return bytes([pdu[0] + 1]) + value
