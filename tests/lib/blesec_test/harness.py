# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting, what the tools have printed, and what their processes hold.

    eventually("secured", lambda: events("serve.json", "secured"))
    eventually("quiet", lambda: len(family(pid)) == 2)
"""

import json
import os
import time

# More seconds than anything takes that is waited for. The emulated guest is
# slower, and so is a sanitizer.
LIMIT = 30.0
if "HCI0" in os.environ:
    LIMIT *= 3
if "ASAN_OPTIONS" in os.environ:
    LIMIT *= 2
# How many times slower than idle this machine is: see tests/lib/runner.sh.
SLOWNESS = float(os.environ.get("BLESEC_TEST_SLOWNESS", 1))


def eventually(what, ready, seconds=LIMIT):
    """Wait until ready() is true; returns that."""
    seconds *= SLOWNESS
    end = time.monotonic() + seconds
    pause = 0.001
    while not (result := ready()):
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds} s: {what}")
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    return result


def events(path, event=None):
    """What a tool has printed there so far, or only such events."""
    with open(path, encoding="utf-8") as file:
        said = [json.loads(line) for line in file if line.endswith("\n")]
    return [e for e in said if event in (None, e["event"])]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def family(pid):
    """A process and all that it has started."""
    found = [pid]
    try:
        for child in children(pid):
            found += family(child)
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def memory(pid):
    """KiB in memory."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file
                    if line.startswith("VmRSS:"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
