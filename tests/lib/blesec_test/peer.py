# SPDX-License-Identifier: GPL-3.0-or-later
"""A second implementation of blesec-protocol(7), to test the first one with.

Written from that page alone.  Each step of a session is a method, so that a
test can stop, repeat or replace one; Tunnel.segment() and Endpoint.link.send()
take anything at all.

    peer = Central("unix:PATH")
    peer.discover()
    peer.open()
    peer.handshake(context("central", "DIR"))
    peer.ready()
    peer.send(b"hello")
    print(peer.receive())
    peer.bye()
"""

import collections
import os
import re
import select
import socket
import ssl
import struct
import time

from blesec_test import le

# Core 5.4 Vol 3 Part F 3.4.8
ERROR_RSP = 0x01
MTU_REQ, MTU_RSP = 0x02, 0x03
FIND_INFO_REQ, FIND_INFO_RSP = 0x04, 0x05
FIND_TYPE_REQ, FIND_TYPE_RSP = 0x06, 0x07
READ_TYPE_REQ, READ_TYPE_RSP = 0x08, 0x09
READ_REQ, READ_RSP = 0x0a, 0x0b
READ_BLOB_REQ, READ_BLOB_RSP = 0x0c, 0x0d
READ_GROUP_REQ, READ_GROUP_RSP = 0x10, 0x11
WRITE_REQ, WRITE_RSP = 0x12, 0x13
NOTIFY = 0x1b
WRITE_CMD = 0x52
RESPONSES = (ERROR_RSP, MTU_RSP, FIND_INFO_RSP, FIND_TYPE_RSP, READ_TYPE_RSP,
             READ_RSP, READ_BLOB_RSP, READ_GROUP_RSP, WRITE_RSP)

INVALID_HANDLE = 0x01
READ_NOT_PERMITTED = 0x02
WRITE_NOT_PERMITTED = 0x03
REQUEST_NOT_SUPPORTED = 0x06
INVALID_OFFSET = 0x07
ATTRIBUTE_NOT_FOUND = 0x0a

PRIMARY, CHARACTERISTIC, CONFIGURATION = 0x2800, 0x2803, 0x2902

MTU_OFFERED = 517
VALUE_MAX = 512

CONTROL, DATA = 0, 1
READY, END, BYE = 1, 2, 3
BODY_MAX = 65536

# RFC 8446 section 6, as OpenSSL says them.
ALERTS = {
    "unexpected message": 10, "bad record mac": 20, "record overflow": 22,
    "handshake failure": 40, "bad certificate": 42,
    "unsupported certificate": 43, "certificate expired": 45,
    "certificate unknown": 46, "illegal parameter": 47, "unknown ca": 48,
    "access denied": 49, "decode error": 50, "decrypt error": 51,
    "protocol version": 70, "insufficient security": 71,
    "internal error": 80, "missing extension": 109,
    "unsupported extension": 110, "certificate required": 116,
    "no application protocol": 120,
}


def uuid_octets(text):
    """A 128-bit UUID in the order of the air."""
    return bytes.fromhex(text.replace("-", ""))[::-1]


SERVICE, CAPABILITY, INBOUND, OUTBOUND = (
    uuid_octets(f"9292000{n}-08cf-48be-bf4d-1ec88ca40b88")
    for n in (1, 2, 3, 4))


class PeerError(Exception):
    """The session ended otherwise than in order."""


class Fault(PeerError):
    """The other side broke the protocol."""


class LinkClosed(PeerError):
    """The other side closed the link."""


class Late(PeerError):
    """The other side did not say what was waited for in time."""


class AttError(PeerError):
    """An Error Response."""

    def __init__(self, pdu):
        self.request, self.handle, self.code = struct.unpack("<BHB", pdu[1:5])
        super().__init__(f"ATT error 0x{self.code:02x} to "
                         f"0x{self.request:02x}, handle 0x{self.handle:04x}")


class TlsError(PeerError):
    """TLS failed: self.alert is the number of the alert received, or None."""

    def __init__(self, error):
        found = re.search(r" alert ([a-z ]+) \(", str(error))
        self.alert = ALERTS[found[1]] if found else None
        super().__init__(f"{error} alert={self.alert}")


class Link:
    """ATT PDUs, one a packet."""

    def __init__(self, sock):
        self.sock = sock

    def send(self, pdu):
        """Send; that the other side has gone is for recv() to report."""
        try:
            self.sock.send(pdu)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass

    def recv(self, timeout):
        if not select.select([self.sock], [], [], max(timeout, 0))[0]:
            raise Late("nothing came")
        try:
            pdu = self.sock.recv(2048)
        except ConnectionResetError:
            # The other side closed with data unread; ours may still wait.
            try:
                pdu = self.sock.recv(2048, socket.MSG_DONTWAIT)
            except OSError:
                pdu = b""
        if not pdu:
            raise LinkClosed("the link was closed")
        return pdu

    def close(self):
        self.sock.close()


def unix_path(address):
    if not address.startswith("unix:"):
        raise ValueError(f"not a unix:PATH address: {address}")
    return address[len("unix:"):]


def air(address):
    """What le.py is to be given for le:SOURCE[,DESTINATION][,psm=N]."""
    if not address.startswith("le:"):
        return None
    where, _, psm = address[len("le:"):].partition(",psm=")
    return where.split(","), int(psm or 0)


def connect(address):
    if where := air(address):
        return le.connect(*where[0], psm=where[1])
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.connect(unix_path(address))
    return sock


def listen(address):
    if where := air(address):
        return le.listen(*where[0], psm=where[1])
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.bind(unix_path(address))
    sock.listen(16)
    return sock


def capability(window=64, value_max=512, versions=1, bearers=1, psm=0,
               more=b""):
    return struct.pack("<BBHHB", versions, bearers, psm, value_max,
                       window) + more


class Tunnel:
    """Two streams of octets over attribute values.

    emit takes one value to send.  What comes in gathers in self.stream; while
    self.hold is set nothing of it counts as consumed.
    """

    def __init__(self, emit, value_max, window, peer_window):
        self.emit = emit
        self.value_max = value_max
        self.window = window
        self.peer_window = peer_window
        self.next = self.acked = 0
        self.expected = self.consumed = self.ack_sent = 0
        self.first = b""        # goes before the first octets written
        self.queue = bytearray()
        self.stream = bytearray()
        self.hold = False
        self.sent_at = self.heard_at = time.monotonic()

    def segment(self, payload=b"", seq=None, ack=None):
        """Send one segment, with any seq and ack; window or no window."""
        seq = self.next if seq is None else seq
        if ack is None:
            ack = self.ack_sent = self.consumed
        if payload:
            self.next = (self.next + 1) % 256
        self.sent_at = time.monotonic()
        self.emit(bytes([seq, ack]) + payload)

    def outstanding(self):
        return (self.next - self.acked) % 256

    def flush(self):
        size = self.value_max - 2
        while self.queue and self.outstanding() < self.peer_window:
            payload = bytes(self.queue[:size])
            del self.queue[:size]
            self.segment(payload)

    def write(self, data):
        self.queue += self.first + data
        self.first = b""
        self.flush()

    def receive(self, value):
        if len(value) < 2:
            raise Fault("a value shorter than two octets")
        seq, ack, payload = value[0], value[1], value[2:]
        if seq != self.expected:
            raise Fault(f"seq {seq}, not {self.expected}")
        if (ack - self.acked) % 256 > self.outstanding():
            raise Fault(f"ack {ack}: {self.acked} to {self.next} are out")
        self.acked = ack
        self.heard_at = time.monotonic()
        if payload:
            if (self.expected - self.ack_sent) % 256 >= self.window:
                raise Fault("more segments than the window allows")
            self.expected = (self.expected + 1) % 256
            self.stream += payload
            if not self.hold:
                self.consumed = self.expected
        self.flush()
        self.acknowledge()

    def acknowledge(self):
        if ((self.consumed - self.ack_sent) % 256
                >= max(1, self.window // 2)):
            self.segment()

    def release(self):
        """End hold."""
        self.hold = False
        self.consumed = self.expected
        self.acknowledge()

    def take(self):
        data = bytes(self.stream)
        self.stream.clear()
        return data


class Endpoint:
    """What both roles share: ATT dispatch, tunnel, TLS and messages."""

    server_side = False

    def __init__(self, sock, timeout=10.0):
        self.link = Link(sock)
        self.timeout = timeout
        self.mtu = 23
        self.replies = collections.deque()
        self.tunnel = None
        self.tls = None
        self.window = 0
        self.capability = b""
        self.plain = bytearray()
        self.taken = 0          # data messages received
        self.answered = None    # the other side's BYE: (reason, taken)
        self.edit = None        # bytes -> bytes, over outgoing TLS

    # ATT

    def pump(self, timeout=0.0):
        """Take one PDU from the link."""
        self.dispatch(self.link.recv(timeout))

    def dispatch(self, pdu):
        if pdu[0] in RESPONSES:
            self.replies.append(pdu)
        elif pdu[0] == MTU_REQ:
            self.link.send(struct.pack("<BH", MTU_RSP, MTU_OFFERED))
            self.mtu = max(23, min(MTU_OFFERED,
                                   struct.unpack("<H", pdu[1:3])[0]))
        elif pdu[0] == NOTIFY:
            self.notified(*struct.unpack("<H", pdu[1:3]), pdu[3:])
        elif pdu[0] == WRITE_CMD:
            self.written(*struct.unpack("<H", pdu[1:3]), pdu[3:])
        elif not pdu[0] & 0x40:
            self.link.send(self.answer(pdu))

    def answer(self, pdu):
        """The response to a request other than that for the MTU."""
        return error(pdu[0], 0, REQUEST_NOT_SUPPORTED)

    def notified(self, handle, value):
        raise Fault(f"a notification of 0x{handle:04x}")

    def written(self, handle, value):
        raise Fault(f"a write command to 0x{handle:04x}")

    def wait(self, ready, timeout=None):
        """Pump until ready() is true; returns that."""
        end = time.monotonic() + (timeout or self.timeout)
        while not (result := ready()):
            now = time.monotonic()
            if now >= end:
                raise Late("timeout")
            if self.tunnel and now - self.tunnel.sent_at >= 10:
                self.tunnel.segment()
            try:
                self.pump(min(end - now, 1.0))
            except Late:
                continue
        return result

    def alive(self):
        """Say what liveness asks for, if it is time; read what is there."""
        try:
            self.wait(lambda: False, 0.001)
        except Late:
            pass

    def request(self, pdu):
        """Send an ATT request, return the response or raise AttError."""
        self.link.send(pdu)
        reply = self.wait(lambda: self.replies and self.replies.popleft())
        if reply[0] == ERROR_RSP:
            raise AttError(reply)
        if reply[0] != pdu[0] + 1:
            raise Fault(f"response 0x{reply[0]:02x} to 0x{pdu[0]:02x}")
        return reply

    def value_max(self):
        return min(self.mtu - 3, VALUE_MAX)

    # The stream

    def write(self, data):
        """Give octets to the tunnel; returns when all are sent."""
        self.tunnel.write(data)
        self.wait(lambda: not self.tunnel.queue)

    # TLS

    def start_tls(self, ctx):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ctx.wrap_bio(self.incoming, self.outgoing,
                                server_side=self.server_side)

    def flush_tls(self):
        data = self.outgoing.read()
        if data and self.edit:
            data = self.edit(data)
        if data:
            self.write(data)

    def call(self, function, *args):
        """Run a function of the TLS object to its end over the tunnel."""
        while True:
            self.incoming.write(self.tunnel.take())
            try:
                result = function(*args)
            except ssl.SSLWantReadError:
                self.flush_tls()
                self.wait(lambda: self.tunnel.stream)
            except ssl.SSLZeroReturnError:
                self.flush_tls()
                return b""
            except ssl.SSLError as err:
                self.flush_tls()
                raise TlsError(err) from err
            else:
                self.flush_tls()
                return result

    def handshake(self, ctx):
        self.start_tls(ctx)
        self.call(self.tls.do_handshake)

    # Messages

    def send_message(self, kind, body):
        self.send_plain(struct.pack(">I", kind << 20 | len(body))[1:] + body)

    def send_plain(self, data):
        """Any octets inside TLS."""
        self.call(self.tls.write, data)

    def receive_message(self):
        """(type, body) of the next message; LinkClosed after close_notify."""
        header = self.receive_plain(3)
        number, = struct.unpack(">I", b"\0" + header)
        if number & 0xfffff > BODY_MAX:
            raise Fault("a message longer than 65536 octets")
        return number >> 20, self.receive_plain(number & 0xfffff)

    def receive_plain(self, size):
        while len(self.plain) < size:
            data = self.call(self.tls.read, 16384)
            if not data:
                raise LinkClosed("close_notify")
            self.plain += data
        data = bytes(self.plain[:size])
        del self.plain[:size]
        return data

    def ready_body(self):
        return bytes([READY, 1, 1, self.window]) + self.capability

    def send_ready(self):
        self.send_message(CONTROL, self.ready_body())

    def receive_ready(self):
        kind, body = self.receive_message()
        if kind != CONTROL or body != self.ready_body():
            raise Fault(f"READY of type {kind}: {body.hex()}, "
                        f"not {self.ready_body().hex()}")

    def ready(self):
        self.send_ready()
        self.receive_ready()

    def send(self, body):
        self.send_message(DATA, body)

    def receive(self):
        """The next data message; None after END."""
        kind, body = self.receive_message()
        if kind == DATA:
            self.taken += 1
            return body
        if kind == CONTROL and body == bytes([END]):
            return None
        if kind == CONTROL and len(body) == 6 and body[0] == BYE:
            self.answered = struct.unpack("<xBI", body)
            raise LinkClosed(f"BYE {body[1]}")
        raise Fault(f"message of type {kind}: {body[:16].hex()}")

    def end(self):
        self.send_message(CONTROL, bytes([END]))

    def send_bye(self, reason=0, taken=None):
        self.send_message(CONTROL, struct.pack(
            "<BBI", BYE, reason, self.taken if taken is None else taken))

    def bye(self, reason=0, taken=None):
        """Close in order: BYE, close_notify both ways, link."""
        try:
            self.send_bye(reason, taken)
            self.close_tls()
            self.wait(lambda: not self.tunnel.outstanding())
            self.drain()
        except (LinkClosed, Late):
            pass
        self.close()

    def await_bye(self):
        """Wait for the other side's BYE."""
        try:
            while True:
                self.receive()
        except LinkClosed:
            pass

    def part(self):
        """Wait for the other side's BYE, and answer it."""
        self.await_bye()
        self.send_bye()
        self.close_tls()

    def close_tls(self):
        """Send close_notify."""
        # What is here already cannot be read after it.
        try:
            while data := self.tls.read(16384):
                self.plain += data
        except ssl.SSLError:
            pass
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush_tls()

    def drain(self, timeout=10.0):
        """Wait for BYE and close_notify."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                self.receive()
            except LinkClosed as err:
                if not str(err).startswith("BYE"):
                    return

    def close(self):
        self.link.close()


def error(request, handle, code):
    return struct.pack("<BBHB", ERROR_RSP, request, handle, code)


class Central(Endpoint):
    """GATT and TLS client.  Takes an address or a connected socket."""

    def __init__(self, where, timeout=10.0):
        super().__init__(connect(where) if isinstance(where, str) else where,
                         timeout)
        self.handles = {}

    def exchange_mtu(self, offer=MTU_OFFERED):
        reply = self.request(struct.pack("<BH", MTU_REQ, offer))
        self.mtu = max(23, min(offer, struct.unpack("<H", reply[1:3])[0]))

    def find_service(self):
        """Find By Type Value for our service: its first and last handle."""
        reply = self.request(struct.pack("<BHHH", FIND_TYPE_REQ, 1, 0xffff,
                                         PRIMARY) + SERVICE)
        return struct.unpack("<HH", reply[1:5])

    def find_characteristics(self, first, last):
        """{UUID: (value handle, properties)} of a range."""
        found = {}
        while first <= last:
            try:
                reply = self.request(struct.pack(
                    "<BHHH", READ_TYPE_REQ, first, last, CHARACTERISTIC))
            except AttError as err:
                if err.code != ATTRIBUTE_NOT_FOUND:
                    raise
                break
            for item in chunks(reply[2:], reply[1]):
                first, properties, value = struct.unpack("<HBH", item[:5])
                found[item[5:]] = value, properties
            first += 1
        return found

    def find_descriptors(self, first, last):
        """[(handle, UUID)] of every attribute in a range."""
        found = []
        while first <= last:
            try:
                reply = self.request(struct.pack("<BHH", FIND_INFO_REQ,
                                                 first, last))
            except AttError as err:
                if err.code != ATTRIBUTE_NOT_FOUND:
                    raise
                break
            for item in chunks(reply[2:], {1: 4, 2: 18}[reply[1]]):
                first = struct.unpack("<H", item[:2])[0]
                found.append((first, item[2:]))
            first += 1
        return found

    def find_tunnel(self):
        first, last = self.find_service()
        found = self.find_characteristics(first, last)
        for name, uuid in (("capability", CAPABILITY), ("inbound", INBOUND),
                           ("outbound", OUTBOUND)):
            self.handles[name] = found[uuid][0]
        # The descriptors end where the next declaration stands.
        after = [value - 1 for value, _ in found.values()
                 if value > self.handles["outbound"]]
        end = min(after, default=last + 1) - 1
        for handle, uuid in self.find_descriptors(
                self.handles["outbound"] + 1, end):
            if uuid == struct.pack("<H", CONFIGURATION):
                self.handles["configuration"] = handle

    def read_capability(self):
        reply = self.request(struct.pack("<BH", READ_REQ,
                                         self.handles["capability"]))
        self.capability = reply[1:]
        if not 7 <= len(self.capability) <= 64:
            raise Fault(f"capability {self.capability.hex()}")

    def enable(self, value=1):
        self.request(struct.pack("<BHH", WRITE_REQ,
                                 self.handles["configuration"], value))

    def discover(self, mtu=MTU_OFFERED):
        """All that comes before the tunnel."""
        self.exchange_mtu(mtu)
        self.find_tunnel()
        self.read_capability()
        self.enable()

    def write_inbound(self, value):
        self.link.send(struct.pack("<BH", WRITE_CMD,
                                   self.handles["inbound"]) + value)

    def open(self, window=64, version=1):
        """Set the tunnel up; OPEN goes along with the first octets."""
        self.window = window
        limit = struct.unpack("<H", self.capability[4:6])[0]
        self.tunnel = Tunnel(self.write_inbound,
                             min(self.value_max(), limit), window,
                             self.capability[6])
        self.tunnel.first = bytes([version, window])

    def notified(self, handle, value):
        if handle != self.handles.get("outbound") or not self.tunnel:
            super().notified(handle, value)
        self.tunnel.receive(value)

    def secure(self, ctx):
        """From a fresh link to secured."""
        self.discover()
        self.open()
        self.handshake(ctx)
        self.ready()


def chunks(data, size):
    return [data[i:i + size] for i in range(0, len(data), size)]


class Attribute:
    def __init__(self, handle, kind, value, readable=True, last=None):
        self.handle = handle
        self.kind = kind
        self.value = value
        self.readable = readable
        self.last = last        # of a service: its last handle


class Peripheral(Endpoint):
    """GATT and TLS server of one link.

    The order of its characteristics and the gaps between its handles are
    those that the page allows and the other implementation does not have.
    """

    server_side = True

    def __init__(self, sock, timeout=10.0, value=capability()):
        super().__init__(sock, timeout)
        self.capability = value
        self.notifying = False
        short = struct.Struct("<H").pack
        self.attributes = [
            Attribute(1, short(PRIMARY), short(0x1800), last=3),
            Attribute(2, short(CHARACTERISTIC),
                      struct.pack("<BHH", 0x02, 3, 0x2a00)),
            Attribute(3, short(0x2a00), b"test peer"),
            Attribute(0x30, short(PRIMARY), SERVICE, last=0x40),
            Attribute(0x31, short(CHARACTERISTIC),
                      struct.pack("<BH", 0x10, 0x32) + OUTBOUND),
            Attribute(0x32, OUTBOUND, b"", readable=False),
            Attribute(0x34, short(CONFIGURATION), short(0)),
            Attribute(0x35, short(CHARACTERISTIC),
                      struct.pack("<BH", 0x04, 0x36) + INBOUND),
            Attribute(0x36, INBOUND, b"", readable=False),
            Attribute(0x38, short(CHARACTERISTIC),
                      struct.pack("<BH", 0x02, 0x3a) + CAPABILITY),
            Attribute(0x3a, CAPABILITY, value),
        ]

    def within(self, first, last):
        return [a for a in self.attributes if first <= a.handle <= last]

    def find(self, handle):
        return next((a for a in self.attributes if a.handle == handle), None)

    def answer(self, pdu):
        answers = {
            FIND_INFO_REQ: self.answer_find_info,
            FIND_TYPE_REQ: self.answer_find_type,
            READ_TYPE_REQ: self.answer_read_type,
            READ_GROUP_REQ: self.answer_read_type,
            READ_REQ: self.answer_read,
            READ_BLOB_REQ: self.answer_read,
            WRITE_REQ: self.answer_write,
        }
        if pdu[0] not in answers:
            return super().answer(pdu)
        return answers[pdu[0]](pdu)

    def answer_find_info(self, pdu):
        first, last = struct.unpack("<HH", pdu[1:5])
        found = self.within(first, last)
        if not found:
            return error(pdu[0], first, ATTRIBUTE_NOT_FOUND)
        size = len(found[0].kind)
        reply = bytes([FIND_INFO_RSP, 1 if size == 2 else 2])
        for attribute in found:
            if (len(attribute.kind) != size
                    or len(reply) + 2 + size > self.mtu):
                break
            reply += struct.pack("<H", attribute.handle) + attribute.kind
        return reply

    def answer_find_type(self, pdu):
        first, last, kind = struct.unpack("<HHH", pdu[1:7])
        found = [a for a in self.within(first, last)
                 if a.kind == struct.pack("<H", kind) and a.value == pdu[7:]]
        if not found:
            return error(pdu[0], first, ATTRIBUTE_NOT_FOUND)
        return bytes([FIND_TYPE_RSP]) + b"".join(
            struct.pack("<HH", a.handle, a.last or a.handle) for a in found)

    def answer_read_type(self, pdu):
        first, last = struct.unpack("<HH", pdu[1:5])
        group = pdu[0] == READ_GROUP_REQ
        found = [a for a in self.within(first, last) if a.kind == pdu[5:]]
        if not found:
            return error(pdu[0], first, ATTRIBUTE_NOT_FOUND)
        items = [struct.pack("<H", a.handle)
                 + (struct.pack("<H", a.last) if group else b"") + a.value
                 for a in found]
        size = len(items[0])
        reply = bytes([pdu[0] + 1, size])
        for item in items:
            if len(item) != size or len(reply) + size > self.mtu:
                break
            reply += item
        return reply

    def answer_read(self, pdu):
        handle, = struct.unpack("<H", pdu[1:3])
        offset = 0
        if pdu[0] == READ_BLOB_REQ:
            offset, = struct.unpack("<H", pdu[3:5])
        attribute = self.find(handle)
        if not attribute:
            return error(pdu[0], handle, INVALID_HANDLE)
        if not attribute.readable:
            return error(pdu[0], handle, READ_NOT_PERMITTED)
        if offset > len(attribute.value):
            return error(pdu[0], handle, INVALID_OFFSET)
        value = attribute.value[offset:offset + self.mtu - 1]
        return bytes([pdu[0] + 1]) + value

    def answer_write(self, pdu):
        handle, = struct.unpack("<H", pdu[1:3])
        attribute = self.find(handle)
        if not attribute:
            return error(pdu[0], handle, INVALID_HANDLE)
        if attribute.kind != struct.pack("<H", CONFIGURATION):
            return error(pdu[0], handle, WRITE_NOT_PERMITTED)
        attribute.value = pdu[3:5]
        self.notifying = bool(pdu[3] & 1)
        return bytes([WRITE_RSP])

    def notify(self, value):
        self.link.send(struct.pack("<BH", NOTIFY, 0x32) + value)

    def written(self, handle, value):
        if handle != 0x36:
            super().written(handle, value)
        if not self.notifying:
            raise Fault("a segment while notifications are disabled")
        if self.tunnel:
            self.tunnel.receive(value)
            return
        self.tunnel = Tunnel(self.notify, self.value_max(),
                             self.capability[6], 0)
        self.tunnel.receive(value)
        first = bytes(self.tunnel.stream[:2])
        del self.tunnel.stream[:2]
        if len(first) != 2 or first[0] != 1 or not 1 <= first[1] <= 127:
            raise Fault(f"OPEN {first.hex()}")
        self.window = first[1]
        self.tunnel.peer_window = self.window

    def accept(self):
        """Answer until OPEN has come."""
        self.wait(lambda: self.tunnel)

    def secure(self, ctx):
        self.accept()
        self.handshake(ctx)
        self.ready()


def context(role, directory, verify=True, alpn="blesec/1", certificate=True):
    """The SSLContext of a role with an identity directory.

    A central may skip verifying the peer; a peripheral must verify, or it
    would not ask for a certificate.
    """
    server = role == "peripheral"
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server
                         else ssl.PROTOCOL_TLS_CLIENT)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    ctx.options &= ~ssl.OP_ENABLE_MIDDLEBOX_COMPAT
    ctx.check_hostname = False
    if server:
        ctx.num_tickets = 0
    if alpn:
        ctx.set_alpn_protocols([alpn])
    if certificate:
        ctx.load_cert_chain(os.path.join(directory, "cert.pem"),
                            os.path.join(directory, "key.pem"))
    ctx.verify_mode = ssl.CERT_NONE
    if verify:
        ctx.load_verify_locations(os.path.join(directory, "ca.pem"))
        ctx.verify_mode = ssl.CERT_REQUIRED
    return ctx
