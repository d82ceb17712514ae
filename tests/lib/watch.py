#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""watch.py LOG DIRECTORY: until SIGTERM, note what others could see.

Argument lists and environments of all that descends from our parent go to LOG,
each once, and "MODE PATH" of each private key in DIRECTORY that others than
its owner can read.
"""
import os
import signal
import sys
import time

log = open(sys.argv[1], "wb", buffering=0)
seen = set()
going = True


def stop(*_):
    global going
    going = False


def note(data):
    if data and data not in seen:
        seen.add(data)
        log.write(data.replace(b"\0", b" ") + b"\n")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def processes(root):
    parents = {}
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            stat = read("/proc/%s/stat" % pid)
            if stat:
                parents[int(pid)] = int(stat.rpartition(b")")[2].split()[1])
    for pid in parents:
        at = pid
        while at in parents and at != root:
            at = parents[at]
        if at == root and pid != os.getpid():
            note(read("/proc/%d/cmdline" % pid))
            note(read("/proc/%d/environ" % pid))


def keys(directory):
    for where, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(where, name)
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if mode & 0o077 and mode & 0o170000 == 0o100000 and \
                    b"PRIVATE KEY" in read(path):
                note(b"open to others: %o %s" % (mode, path.encode()))


signal.signal(signal.SIGTERM, stop)
parent = os.getppid()
while going:
    processes(parent)
    keys(sys.argv[2])
    time.sleep(0.001)
