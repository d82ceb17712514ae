#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""noise.py [--seed N] central|peripheral SECONDS PDUS ATT-LOG COC-LOG

A malicious peer of the tools on the air: as a central on hci0 of a
blesec-serve on hci1, or as a peripheral on hci1 of blesec-connect, which it
starts itself. It goes on for so long and until it has sent so many PDUs, in
some sessions at least.

What it says are mutations of good sessions: of two that the relay has logged,
over ATT and over a credit-based channel, and of live ones with a certificate,
that get behind TLS. Prints a JSON object: seed, sessions, PDUs sent.
"""

import argparse
import json
import os
import random
import select
import subprocess
import sys
import time

from blesec_test import peer as blesec
from blesec_test import le

HCI0, HCI1 = os.environ["HCI0"], os.environ["HCI1"]
PSM = 210
# As much as the kernel lets out on such a channel.
LONGEST = {"att": 672, "coc": 2048}
ODD = (0, 1, 2, 0x7f, 0x80, 0xfe, 0xff)
# What a tool may say of a peer like this: done, not who it must be, link,
# timeout.
STATUSES = (0, 4, 5, 7)


def recorded(path):
    """{direction: [PDU, ...]}"""
    found = {"c2p": [], "p2c": []}
    with open(path, encoding="ascii") as log:
        for line in log:
            _, _, direction, _, octets = line.split()
            found[direction].append(bytes.fromhex(octets))
    return found


class Noise:
    def __init__(self, seed, logs):
        self.rng = random.Random(seed)
        self.logs = logs
        self.pdus = self.sessions = 0

    # What is said

    def mutant(self, pdu, others):
        """One PDU made of a good one."""
        rng = self.rng
        octets = bytearray(pdu or b"\0")
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(octets))
            if rng.random() < 0.5:      # where the structure is
                place = rng.randrange(min(8, len(octets)))
            match rng.randrange(7):
                case 0:
                    octets[place] ^= 1 << rng.randrange(8)
                case 1:
                    octets[place] = rng.choice(ODD)
                case 2:
                    del octets[place:]
                case 3:
                    octets += rng.randbytes(rng.randrange(600))
                case 4:
                    octets[:1] = rng.randbytes(1)
                case 5:
                    octets[place:] = rng.choice(others)[place:]
                case 6:
                    octets[place:place] = octets[:rng.randrange(9)]
            octets = octets or bytearray(1)
        return bytes(octets)

    def some(self, pdu, others, rate):
        """Return what is sent instead of a PDU: mostly itself."""
        if self.rng.random() >= rate:
            return [pdu]
        match self.rng.randrange(8):
            case 0:
                return []
            case 1:
                return [pdu, pdu]
            case 2:
                return [self.rng.randbytes(self.rng.randrange(1, 64))]
        return [self.mutant(pdu, others)]

    # Sessions

    def send(self, sock, pdu, bearer):
        sock.send(pdu[:LONGEST[bearer]])
        self.pdus += 1

    def heard(self, sock, seconds):
        """True if something came in time; EOFError if it has hung up."""
        if not select.select([sock], [], [], seconds)[0]:
            return False
        if not sock.recv(4096):
            raise EOFError
        return True

    def replay(self, sock, bearer, own):
        """The log's, and at times many at once that nobody waits for."""
        pdus = self.logs[bearer]
        rate = self.rng.choice((0.02, 0.1, 0.5))
        if self.rng.random() < 0.5:
            # Not in what the tunnel takes for an error, which would end the
            # session.
            plain = [pdu for pdu in pdus["c2p"] + pdus["p2c"]
                     if bearer == "coc" or pdu[0] not in
                     (blesec.WRITE_CMD, blesec.NOTIFY)]
            for _ in range(self.rng.randrange(3000)):
                self.send(sock, self.mutant(self.rng.choice(plain), plain),
                          bearer)
                while self.heard(sock, 0):
                    pass
        for pdu in pdus[own]:
            if own == "p2c":
                self.heard(sock, 0.3)
            for one in self.some(pdu, pdus[own], rate):
                self.send(sock, one, bearer)
            if own == "c2p" and not pdu[0] & 0x40:
                self.heard(sock, 0.3)

    def live(self, sock, own):
        """A good peer, with something in the way of what it sends."""
        peer, role, identity = {
            "c2p": (blesec.Central, "central", "phone"),
            "p2c": (blesec.Peripheral, "peripheral", "sensor")}[own]
        peer = peer(sock, 2)
        # Mostly late, to hit TLS and what it carries.
        quiet = self.rng.randrange(25)
        count = 0

        def send(pdu):
            nonlocal count
            count += 1
            rate = 0.3 if count > quiet else 0
            for one in self.some(pdu, self.logs["att"][own], rate):
                self.send(sock, one, "att")

        peer.link.send = send
        plain = peer.send_plain
        if self.rng.random() < 0.5:
            # Also alter the messages themselves, which TLS does not notice.
            quiet = 1000
            peer.send_plain = lambda data: [
                plain(one) for one in self.some(data, [data], 0.3)]
        peer.secure(blesec.context(role, identity))
        for _ in range(self.rng.randrange(20)):
            peer.send_message(self.rng.choice((0, 1, 1, 2, 3)),
                              self.rng.randbytes(self.rng.randrange(300)))
        peer.bye()

    def session(self, sock, bearer, own):
        self.sessions += 1
        try:
            if bearer == "att" and self.rng.random() < 0.3:
                self.live(sock, own)
            else:
                self.replay(sock, bearer, own)
                # What is done about it, at times.
                if self.rng.random() < 0.3:
                    while self.heard(sock, 0.2):
                        pass
        except Exception as error:      # of what is answered to nonsense
            if isinstance(error, (NameError, TypeError)):
                raise
        finally:
            hang_up(0 if own == "c2p" else 1, sock)

    def victim(self, victim, listener, bearer):
        """One link after the other, as it tries again; its exit status."""
        end = time.monotonic() + 300
        while victim.poll() is None:
            assert time.monotonic() < end, "blesec-connect hangs"
            if select.select([listener], [], [], 0.1)[0]:
                self.session(listener.accept()[0], bearer, "p2c")
        return victim.returncode


def hang_up(index, sock):
    """Without the two seconds for which the kernel keeps a link."""
    try:
        le.cut(index, sock)
    except OSError:
        pass                            # it has gone
    sock.close()
    time.sleep(0.05)


def central(noise, more):
    """Connect to the running serve again and again, as bad centrals."""
    refused = 0
    while more():
        bearer = noise.rng.choice(("att", "att", "coc"))
        try:
            sock = le.connect(HCI0, HCI1, psm=PSM if bearer == "coc" else 0,
                              seconds=5)
        except OSError as error:
            # The link before is not yet gone, or there is no place.
            refused += 1
            assert refused < 20, error
            time.sleep(0.5)
            continue
        refused = 0
        noise.session(sock, bearer, "c2p")


def peripheral(noise, more):
    listeners = {"att": le.listen(HCI1), "coc": le.listen(HCI1, psm=PSM)}
    while more():
        bearer = noise.rng.choice(("att", "att", "coc"))
        options = ["--bearer", bearer]
        if bearer == "coc":
            options += ["--psm", str(PSM)]
        with open("victim.err", "wb") as err, subprocess.Popen(
                ["blesec-connect", "--dir", "phone", "--adapter", "hci0",
                 "--timeout", "5", "--connect-timeout", "10", *options, HCI1],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=err) as victim:
            try:
                status = noise.victim(victim, listeners[bearer], bearer)
            except BaseException:
                victim.kill()
                raise
        with open("victim.err", encoding="utf-8", errors="replace") as err:
            text = err.read()
        assert status in STATUSES and "anitizer" not in text, (status, text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("role", choices=("central", "peripheral"))
    parser.add_argument("seconds", type=float)
    parser.add_argument("pdus", type=int)
    parser.add_argument("att")
    parser.add_argument("coc")
    args = parser.parse_args()
    noise = Noise(args.seed, {"att": recorded(args.att),
                              "coc": recorded(args.coc)})
    end = time.monotonic() + args.seconds
    try:
        {"central": central, "peripheral": peripheral}[args.role](
            noise, lambda: time.monotonic() < end or noise.sessions <= 5
            or noise.pdus < max(args.pdus, 201))
    finally:
        print(json.dumps({"role": args.role, "seed": args.seed,
                          "sessions": noise.sessions, "pdus": noise.pdus}),
              flush=True)


if __name__ == "__main__":
    sys.exit(main())
