# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS 1.3 by hand, one message at a time: for what no TLS library will do.

X25519, TLS_AES_128_GCM_SHA256, nothing constant-time; signatures come from
openssl(1).  Any handshake message can be left out, repeated, replaced or put
elsewhere, any certificate sent with any signature.

    toy = Toy(peer)             # an Endpoint whose tunnel is open
    toy.client_hello()
    toy.read_flight()
    toy.send_certificate(["DIR/cert.pem"])
    toy.send_verify("DIR/key.pem")
    toy.send_finished()
    toy.send(b"application data")
"""

import hashlib
import hmac
import os
import ssl
import struct
import subprocess

CLIENT_HELLO, SERVER_HELLO = 1, 2
ENCRYPTED_EXTENSIONS, CERTIFICATE, CERTIFICATE_REQUEST = 8, 11, 13
CERTIFICATE_VERIFY, FINISHED = 15, 20

ALERT, HANDSHAKE, APPLICATION = 21, 22, 23

X25519, P256 = 0x001d, 0x0017
ECDSA_P256 = 0x0403
SUITE = 0x1301

CONTEXTS = {"client": b"TLS 1.3, client CertificateVerify",
            "server": b"TLS 1.3, server CertificateVerify"}


class Alert(Exception):
    """The other side sent an alert."""

    def __init__(self, number):
        self.number = number
        super().__init__(f"alert {number}")


# X25519, RFC 7748 section 5.

FIELD = 2 ** 255 - 19


def x25519(scalar, point):
    k = int.from_bytes(scalar, "little")
    k = k & ~7 & (1 << 255) - 1 | 1 << 254
    x = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x, 1, 0
    for bit in range(254, -1, -1):
        if swap ^ (swap := k >> bit & 1):
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % FIELD, x * (da - cb) ** 2 % FIELD
        x2, z2 = aa * bb % FIELD, e * (aa + 121665 * e) % FIELD
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, FIELD - 2, FIELD) % FIELD).to_bytes(32, "little")


BASE_POINT = (9).to_bytes(32, "little")


# AES-128-GCM, FIPS 197 and SP 800-38D.

def make_sbox():
    box, p, q = [0x63] * 256, 1, 1
    while True:
        p ^= p << 1 & 0xff ^ (0x1b if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xff
        q ^= 0x09 if q & 0x80 else 0
        s = q | q << 8
        box[p] = (s ^ s >> 7 ^ s >> 6 ^ s >> 5 ^ s >> 4) & 0xff ^ 0x63
        if p == 1:
            return box


SBOX = make_sbox()
DOUBLE = [b << 1 & 0xff ^ (0x1b if b & 0x80 else 0) for b in range(256)]
SHIFT = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11]


def expand_key(key):
    words = [key[i:i + 4] for i in range(0, 16, 4)]
    rcon = 1
    for i in range(4, 44):
        word = words[-1]
        if i % 4 == 0:
            word = bytes(SBOX[b] for b in word[1:] + word[:1])
            word = bytes([word[0] ^ rcon]) + word[1:]
            rcon = DOUBLE[rcon]
        words.append(bytes(a ^ b for a, b in zip(words[i - 4], word)))
    return [b"".join(words[i:i + 4]) for i in range(0, 44, 4)]


def encrypt_block(keys, block):
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number, key in enumerate(keys[1:], 1):
        state = [SBOX[state[i]] for i in SHIFT]
        if number < 10:
            mixed = []
            for i in range(0, 16, 4):
                column = state[i:i + 4]
                every = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [column[j] ^ every
                          ^ DOUBLE[column[j] ^ column[(j + 1) % 4]]
                          for j in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def ghash(h, data):
    y = 0
    for i in range(0, len(data), 16):
        y ^= int.from_bytes(data[i:i + 16].ljust(16, b"\0"), "big")
        product, v = 0, h
        for bit in range(127, -1, -1):
            if y >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
        y = product
    return y.to_bytes(16, "big")


def pad16(data):
    return data + bytes(-len(data) % 16)


class Gcm:
    def __init__(self, key):
        self.keys = expand_key(key)
        self.h = int.from_bytes(encrypt_block(self.keys, bytes(16)), "big")

    def crypt(self, nonce, data):
        out = b""
        for i in range(0, len(data), 16):
            counter = struct.pack(">I", i // 16 + 2)
            stream = encrypt_block(self.keys, nonce + counter)
            out += bytes(a ^ b for a, b in zip(data[i:i + 16], stream))
        return out

    def tag(self, nonce, aad, sealed):
        lengths = struct.pack(">QQ", len(aad) * 8, len(sealed) * 8)
        digest = ghash(self.h, pad16(aad) + pad16(sealed) + lengths)
        first = encrypt_block(self.keys, nonce + b"\0\0\0\1")
        return bytes(a ^ b for a, b in zip(digest, first))

    def seal(self, nonce, aad, data):
        sealed = self.crypt(nonce, data)
        return sealed + self.tag(nonce, aad, sealed)

    def open(self, nonce, aad, sealed):
        sealed, tag = sealed[:-16], sealed[-16:]
        if self.tag(nonce, aad, sealed) != tag:
            raise ValueError("bad record")
        return self.crypt(nonce, sealed)


# The key schedule, RFC 8446 section 7.1.

def digest(data):
    return hashlib.sha256(data).digest()


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand_label(secret, label, context, size):
    label = b"tls13 " + label
    info = struct.pack(">HB", size, len(label)) + label \
        + bytes([len(context)]) + context
    return mac(secret, info + b"\1")[:size]


def derive(secret, label, transcript):
    return expand_label(secret, label, digest(transcript), 32)


class Protection:
    """The state of one direction under one traffic secret."""

    def __init__(self, secret):
        self.secret = secret
        self.gcm = Gcm(expand_label(secret, b"key", b"", 16))
        self.iv = expand_label(secret, b"iv", b"", 12)
        self.number = 0

    def nonce(self):
        number = self.number.to_bytes(12, "big")
        self.number += 1
        return bytes(a ^ b for a, b in zip(self.iv, number))

    def seal(self, kind, data):
        head = struct.pack(">BHH", APPLICATION, 0x0303, len(data) + 17)
        return head + self.gcm.seal(self.nonce(), head, data + bytes([kind]))

    def open(self, head, sealed):
        data = self.gcm.open(self.nonce(), head, sealed).rstrip(b"\0")
        return data[-1], data[:-1]


def vector(size, data):
    """data after its length in size octets."""
    return len(data).to_bytes(size, "big") + data


def extension(number, data):
    return struct.pack(">H", number) + vector(2, data)


def certificates(path):
    """DER of each certificate of a PEM file."""
    with open(path, encoding="ascii") as file:
        ends = file.read().split("-----BEGIN CERTIFICATE-----")[1:]
    return [ssl.PEM_cert_to_DER_cert("-----BEGIN CERTIFICATE-----" + pem)
            for pem in ends]


def sign(key, data):
    return subprocess.run(["openssl", "dgst", "-sha256", "-sign", key],
                          input=data, stdout=subprocess.PIPE,
                          check=True).stdout


class Toy:
    """One end of a TLS 1.3 connection over the tunnel of an Endpoint."""

    def __init__(self, peer):
        self.peer = peer
        self.side = "server" if peer.server_side else "client"
        self.other = "client" if peer.server_side else "server"
        self.transcript = b""
        self.writing = self.reading = None
        self.rest = b""         # handshake octets not yet looked at
        self.secret = os.urandom(32)
        self.secrets = {}
        self.seen = {}          # last message read of each type

    # Records

    def raw(self, octets):
        self.peer.write(octets)

    def send_record(self, kind, data):
        if self.writing:
            self.raw(self.writing.seal(kind, data))
        else:
            self.raw(struct.pack(">BHH", kind, 0x0303, len(data)) + data)

    def read_octets(self, size):
        stream = self.peer.tunnel.stream
        self.peer.wait(lambda: len(stream) >= size)
        data = bytes(stream[:size])
        del stream[:size]
        return data

    def read_record(self):
        """(type, octets) of the next record; raises Alert."""
        head = self.read_octets(5)
        kind, data = head[0], self.read_octets(int.from_bytes(head[3:],
                                                              "big"))
        if kind == APPLICATION and self.reading:
            kind, data = self.reading.open(head, data)
        if kind == ALERT:
            self.peer.tunnel.segment()  # the sender waits for its ack
            raise Alert(data[1])
        return kind, data

    # Handshake messages

    def message(self, kind, body):
        return bytes([kind]) + vector(3, body)

    def send_message(self, kind, body):
        message = self.message(kind, body)
        self.transcript += message
        self.send_record(HANDSHAKE, message)

    def read_message(self):
        """(type, body) of the next handshake message."""
        while (len(self.rest) < 4 or len(self.rest) < 4
               + int.from_bytes(self.rest[1:4], "big")):
            kind, data = self.read_record()
            if kind != HANDSHAKE:
                raise ValueError(f"a record of type {kind}")
            self.rest += data
        size = 4 + int.from_bytes(self.rest[1:4], "big")
        message, self.rest = self.rest[:size], self.rest[size:]
        self.transcript += message
        self.seen[message[0]] = message[4:]
        return message[0], message[4:]

    # Keys

    def handshake_keys(self, shared):
        early = mac(bytes(32), bytes(32))
        secret = mac(derive(early, b"derived", b""), shared)
        self.secrets = {
            side: derive(secret, label, self.transcript)
            for side, label in (("client", b"c hs traffic"),
                                ("server", b"s hs traffic"))}
        self.master = mac(derive(secret, b"derived", b""), bytes(32))
        self.writing = Protection(self.secrets[self.side])
        self.reading = Protection(self.secrets[self.other])

    def application_keys(self):
        """To be called when the server's Finished is in the transcript."""
        self.application = {
            side: derive(self.master, label, self.transcript)
            for side, label in (("client", b"c ap traffic"),
                                ("server", b"s ap traffic"))}

    def write_application(self):
        self.writing = Protection(self.application[self.side])

    def read_application(self):
        self.reading = Protection(self.application[self.other])

    # Messages of both sides

    def share(self):
        return x25519(self.secret, BASE_POINT)

    def send_certificate(self, paths):
        """The certificates of PEM files; none for an empty Certificate."""
        self.send_certificates([der for path in paths
                                for der in certificates(path)])

    def send_certificates(self, ders):
        entries = b"".join(vector(3, der) + b"\0\0" for der in ders)
        self.send_message(CERTIFICATE, b"\0" + vector(3, entries))

    def signed(self, side, transcript=None):
        """What a CertificateVerify of that side signs."""
        if transcript is None:
            transcript = self.transcript
        return b" " * 64 + CONTEXTS[side] + b"\0" + digest(transcript)

    def send_verify(self, key, side=None, scheme=ECDSA_P256,
                    transcript=None):
        signature = sign(key, self.signed(side or self.side, transcript))
        self.send_signature(signature, scheme)

    def send_signature(self, signature, scheme=ECDSA_P256):
        self.send_message(CERTIFICATE_VERIFY,
                          struct.pack(">H", scheme) + vector(2, signature))

    def finished(self, side):
        key = expand_label(self.secrets[side], b"finished", b"", 32)
        return mac(key, digest(self.transcript))

    def send_finished(self):
        self.send_message(FINISHED, self.finished(self.side))
        if self.side == "server":
            self.application_keys()
        self.write_application()

    # Client

    def client_hello(self, alpn=b"blesec/1", group=X25519, share=None,
                     versions=(0x0304,), suites=(SUITE,)):
        extensions = extension(43, vector(1, b"".join(
            struct.pack(">H", v) for v in versions)))
        extensions += extension(10, vector(2, struct.pack(">H", group)))
        extensions += extension(13, vector(2, struct.pack(">HH", ECDSA_P256,
                                                          0x0804)))
        if share is None:
            share = self.share()
        extensions += extension(51, vector(2, struct.pack(">H", group)
                                           + vector(2, share)))
        if alpn:
            extensions += extension(16, vector(2, vector(1, alpn)))
        self.send_message(
            CLIENT_HELLO, b"\3\3" + os.urandom(32) + vector(1, b"")
            + vector(2, b"".join(struct.pack(">H", s) for s in suites))
            + vector(1, b"\0") + vector(2, extensions))

    def read_server_hello(self):
        kind, body = self.read_message()
        if kind != SERVER_HELLO:
            raise ValueError(f"message {kind}")
        self.handshake_keys(x25519(self.secret, find_share(body, False)))

    def read_flight(self):
        """ServerHello to the server's Finished."""
        self.read_server_hello()
        self.read_flight_rest()

    def read_flight_rest(self):
        while self.read_message()[0] != FINISHED:
            pass
        self.application_keys()
        self.read_application()

    # Server

    def read_client_hello(self):
        kind, body = self.read_message()
        if kind != CLIENT_HELLO:
            raise ValueError(f"message {kind}")
        self.client_share = find_share(body, True)

    def server_hello(self, group=X25519, share=None, version=0x0304):
        extensions = b""
        if version:
            extensions = extension(43, struct.pack(">H", version))
        own = self.share() if share is None else share
        extensions += extension(51, struct.pack(">H", group)
                                + vector(2, own))
        self.send_message(
            SERVER_HELLO, b"\3\3" + os.urandom(32) + vector(1, b"")
            + struct.pack(">H", SUITE) + b"\0" + vector(2, extensions))
        self.handshake_keys(x25519(self.secret, self.client_share))

    def encrypted_extensions(self, alpn=b"blesec/1"):
        extensions = b""
        if alpn:
            extensions = extension(16, vector(2, vector(1, alpn)))
        self.send_message(ENCRYPTED_EXTENSIONS, vector(2, extensions))

    def certificate_request(self):
        self.send_message(CERTIFICATE_REQUEST, vector(1, b"") + vector(
            2, extension(13, vector(2, struct.pack(">H", ECDSA_P256)))))

    def read_client_flight(self):
        while self.read_message()[0] != FINISHED:
            pass
        self.read_application()

    # Application data

    def send(self, data):
        self.send_record(APPLICATION, data)

    def send_alert(self, number, level=2):
        self.send_record(ALERT, bytes([level, number]))

    def receive(self):
        kind, data = self.read_record()
        if kind != APPLICATION:
            raise ValueError(f"a record of type {kind}")
        return data


def find_share(hello, client):
    """The X25519 share in the body of a ClientHello or ServerHello."""
    at = 34
    at += 1 + hello[at]
    if client:
        at += 2 + int.from_bytes(hello[at:at + 2], "big")
        at += 1 + hello[at]
    else:
        at += 3
    at += 2
    while at < len(hello):
        number, size = struct.unpack(">HH", hello[at:at + 4])
        data = hello[at + 4:at + 4 + size]
        at += 4 + size
        if number != 51:
            continue
        if client:
            data = data[2:]
        while data:
            group, size = struct.unpack(">HH", data[:4])
            if group == X25519:
                return data[4:4 + size]
            data = data[4 + size:]
    raise ValueError("no X25519 share")
