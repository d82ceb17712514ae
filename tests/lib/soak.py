#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""soak.py [--seed N] SECONDS ADDRESS SERVE...

Sessions with one blesec-serve, the command SERVE, in rounds: numbered lines go
to ADDRESS and are sent back; every third session is dropped, at a moment and
in a way that the seed decides. No line may be lost in a session that ends in
order, none may come twice or out of order in any, and after each round serve
must have the processes and the descriptors of the first, and not grow. On the
air (not unix:) every fourth session is paired.

The figures are the last line on stdout, as JSON. $B has the tools; the working
directory an identity in "phone", and gets the files.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time

from blesec_test.harness import (
    children, descriptors, eventually, events, memory)

TOOLS = os.environ["B"] + "/tools/"
# What a process may grow by, in KiB, from the second quarter of the time to
# the last: the heap's own ups and downs, but not 100 octets a session for
# long.
GROWTH = 256
LEAST = 15                      # sessions


def cut_links():
    """On the air: as if out of reach."""
    links = subprocess.run(("hcitool", "con"), stdout=subprocess.PIPE,
                           text=True, check=True).stdout
    for line in links.splitlines():
        words = line.split()
        if "handle" in words and "<" in words:
            subprocess.run(("hcitool", "-i", "hci0", "ledc",
                            words[words.index("handle") + 1]), check=False)


class Session:
    """One blesec-connect."""

    def __init__(self, soak, number):
        rng = soak.rng
        self.soak = soak
        self.name = f"connect{number % 8}"
        self.lines = rng.randrange(1, 200)
        self.paired = soak.air and number % 4 == 3
        self.how = (rng.choice(soak.ways) if number % 3 == 2 else None)
        self.moment = rng.random()
        with open(self.name + ".in", "w", encoding="ascii") as file:
            for n in range(self.lines):
                pad = "x" * rng.randrange(300)
                file.write(f'{{"n":{n},"pad":"{pad}"}}\n')
        with open(self.name + ".in", encoding="ascii") as stdin, \
                open(self.name + ".json", "wb") as out, \
                open(self.name + ".err", "wb") as err:
            self.began = time.monotonic()
            self.process = subprocess.Popen(
                [TOOLS + "blesec-connect", "--dir", "phone",
                 *(["--adapter", "hci0"] if soak.air else []),
                 *(["--pair"] if self.paired else []), soak.address],
                stdin=stdin, stdout=out, stderr=err)

    def drop(self):
        """After a share of the time that a whole session takes."""
        if not self.how:
            return
        wait = self.began + self.moment * self.soak.whole - time.monotonic()
        try:
            self.process.wait(max(0, wait))
            return
        except subprocess.TimeoutExpired:
            pass
        self.soak.figures["drops"] += 1
        if self.how == "cut":
            cut_links()
        elif self.how == "term":
            self.process.terminate()
        else:
            self.process.kill()

    def end(self):
        """Wait for it, and judge what it has heard."""
        figures = self.soak.figures
        status = self.process.wait(120)
        took = time.monotonic() - self.began
        said = events(self.name + ".json")
        heard = [e["json"]["n"] for e in said if e["event"] == "message"]
        whole = heard == list(range(self.lines))
        if not self.how or status == 0 and self.how != "term":
            assert status == 0 and whole, self.told(status, heard)
            self.soak.whole = took
        else:
            assert heard == list(range(len(heard))), self.told(status, heard)
        figures["lines"] += len(heard)
        figures["octets"] += sum(len(e["json"]["pad"]) for e in said
                                 if e["event"] == "message")
        for event in said:
            if event["event"] == "secured":
                figures["sessions"] += 1
                figures["worst_handshake_ms"] = max(
                    figures["worst_handshake_ms"], event["handshake"]["ms"])
            elif event["event"] == "paired":
                figures["pairs"] += 1

    def told(self, status, heard):
        with open(self.name + ".err", encoding="utf-8") as file:
            return (f"{self.name}, {self.how}: status {status}, {heard} of "
                    f"{self.lines}: {file.read()}")


class Soak:
    def __init__(self, address, seed):
        self.address = address
        self.air = not address.startswith("unix:")
        self.width = 1 if self.air else 4
        self.ways = ["kill", "term"] + (["cut"] if self.air else [])
        self.rng = random.Random(seed)
        self.whole = 1.0                # seconds of the last whole session
        self.figures = dict.fromkeys(
            ("sessions", "pairs", "lines", "octets", "drops",
             "worst_handshake_ms"), 0)
        self.rss = []
        self.number = 0

    def round(self):
        sessions = []
        for _ in range(self.width):
            sessions.append(Session(self, self.number))
            self.number += 1
        for session in sorted(sessions, key=lambda s: s.moment):
            session.drop()
        for session in sessions:
            session.end()

    def run(self, command, seconds):
        with open("serve.json", "wb") as out, open("serve.err", "wb") as err, \
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=err) as serve:
            try:
                self.rounds(serve.pid, seconds)
            finally:
                serve.terminate()
                status = serve.wait(60)
        assert status == 0, f"serve exits {status}"

    def rounds(self, pid, seconds):
        eventually("serve listens", lambda: events(
            "serve.json", "listening"))
        before = len(children(pid))
        self.round()
        eventually("the first round is over",
                   lambda: len(children(pid)) == before)
        time.sleep(1)           # for what it closes then
        files = descriptors(pid)
        end = time.monotonic() + seconds
        # However slow it is, some are dropped and some paired.
        while (time.monotonic() < end or self.number < LEAST
               or self.figures["drops"] < 2):
            self.round()
            eventually("no process is left",
                       lambda: len(children(pid)) == before)
            eventually(f"{files} descriptors",
                       lambda: descriptors(pid) == files)
            self.rss.append(memory(pid))

    def judge(self):
        """All that began has been told to have ended; and it has not grown."""
        said = events("serve.json")
        begun, ended = ([e["session"] for e in said if e["event"] == event]
                        for event in ("connected", "closed"))
        # One that was dropped at once is only told to have ended.
        assert set(begun) <= set(ended), set(begun) - set(ended)
        assert len(set(ended)) == len(ended), "ended twice"
        assert self.figures["drops"], "nothing was dropped"
        size = max(1, len(self.rss) // 4)
        quarters = [sorted(self.rss[i * size:(i + 1) * size] or self.rss)
                    for i in range(4)]
        medians = [q[len(q) // 2] for q in quarters]
        self.figures.update(rss_first_kib=self.rss[0],
                            rss_last_kib=self.rss[-1], rss_kib=medians)
        grown = medians[3] - medians[1]
        # A sanitizer keeps what is freed.
        assert grown <= GROWTH or "asan" in TOOLS, f"{grown} KiB more"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("seconds", type=float)
    parser.add_argument("address")
    parser.add_argument("serve", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    soak = Soak(args.address, args.seed)
    try:
        soak.run(args.serve, args.seconds)
        soak.judge()
    finally:
        print(json.dumps({"seed": args.seed, **soak.figures}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
