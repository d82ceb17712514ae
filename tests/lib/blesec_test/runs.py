# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions of the tools with one another, for tests that do something to them.

    server = serve()            # at unix:$T/serve
    tool = connect(PEER)        # by the relay; or to SERVE
    with Wire(act) as wire: ... # unix:$T/peer to unix:$T/serve, one link;
                                # act(direction, n) before the nth PDU of it
"""

import atexit
import os
import select
import subprocess
import threading

from blesec_test import peer as blesec
from blesec_test.attack import B, PEER, SERVE, T, events
from blesec_test.harness import eventually

# A sanitizer keeps what was freed, and takes its time.
SANITIZED = "ASAN_OPTIONS" in os.environ
GROWTH = 65536 if SANITIZED else 2048   # KiB
LONG = os.environ.get("BLESEC_LONG") == "1"


class Run:
    """A tool that runs; its stdin is a pipe."""

    def __init__(self, name, *command, env=None, **how):
        self.name = name
        self.env = env
        with open(f"{T}/{name}.out", "wb") as out, \
                open(f"{T}/{name}.err", "wb") as err:
            how = {"stdin": subprocess.PIPE, "stdout": out, "stderr": err,
                   **how}
            self.process = subprocess.Popen(command, env=env, **how)
        # Should the test fail, it shall not stay.
        atexit.register(self.process.kill)

    @property
    def pid(self):
        return self.process.pid

    def say(self, *lines):
        try:
            for line in lines:
                self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def eof(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def ended(self):
        return self.process.poll() is not None

    def errors(self):
        with open(f"{T}/{self.name}.err", encoding="utf-8") as file:
            return file.read()

    def event(self, name):
        return any(e["event"] == name for e in events(self.name))

    def end(self, seconds=20.0, stop=False):
        """Its exit status; no signal, no sanitizer has ended it."""
        if stop and not self.ended():
            self.process.terminate()
        status = self.process.wait(seconds)
        if self.process.stdin:
            self.eof()
        text = self.errors()
        assert "Sanitizer" not in text and "runtime error" not in text, text
        assert status >= 0, f"{self.name} ends by signal {-status}"
        return status


def serve(*options, env=None, command=(), **how):
    """blesec-serve, when it listens; or it has ended."""
    if os.path.exists(f"{T}/serve"):
        os.unlink(f"{T}/serve")
    tool = Run("serve", f"{B}/tools/blesec-serve", "--dir",
               f"{T}/peripheral", "--timeout", "5", *options, SERVE,
               *(("--", *command) if command else ()), env=env, **how)
    if how.get("stdout") is None:
        eventually("listening",
                   lambda: tool.ended() or tool.event("listening"))
    return tool


def connect(*options, address=SERVE, env=None, **how):
    return Run("connect", f"{B}/tools/blesec-connect", "--dir",
               f"{T}/central", "--timeout", "5", *options, address, env=env,
               **how)


def preloaded(helper):
    """An environment with it."""
    # A sanitizer wants to be first, and counts what die() leaves for a leak.
    return dict(os.environ, LD_PRELOAD=f"{B}/tests/helpers/{helper}",
                ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "")
                + ":verify_asan_link_order=0:detect_leaks=0")


class Cut(Exception):
    """From act: the link is gone."""


class Wire(threading.Thread):
    """One link through here, PDU by PDU."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act = act
        self.passed = {"c2p": 0, "p2c": 0}
        if os.path.exists(f"{T}/peer"):
            os.unlink(f"{T}/peer")
        self.listener = blesec.listen(PEER)
        self.wake, self.stop = os.pipe()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        os.close(self.stop)
        self.join(5)
        os.close(self.wake)
        self.listener.close()

    def run(self):
        if self.listener not in select.select([self.listener, self.wake],
                                              [], [])[0]:
            return
        links = [blesec.Link(self.listener.accept()[0])]
        try:
            links.append(blesec.Link(blesec.connect(SERVE)))
            self.carry(*links)
        except (Cut, blesec.PeerError, OSError):
            pass
        for link in links:
            link.close()

    def carry(self, central, peripheral):
        ways = {central.sock: ("c2p", central, peripheral),
                peripheral.sock: ("p2c", peripheral, central)}
        while True:
            ready = select.select([*ways, self.wake], [], [])[0]
            if self.wake in ready:
                return
            for sock in ready:
                direction, source, target = ways[sock]
                pdu = source.recv(0)
                self.passed[direction] += 1
                self.act(direction, self.passed[direction])
                target.send(pdu)
