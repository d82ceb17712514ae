#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# stdout has no reader any more, is not read yet, or is on a full disk, or
# stderr is not read: exit status 0 means that everything is written, otherwise
# the other end is told, and no process hangs or grows.
# build: both
# takes: 35 s
# time limit: 200
DEADLINE=190
S=${S:-$(cd "${0%/*}/../.." && pwd)}
# shellcheck source=tests/lib/own-mounts.sh
. "$S/tests/lib/own-mounts.sh"
# shellcheck source=tests/lib/faults.sh
. "$S/tests/lib/faults.sh"

mkdir "$T/disk"
mount -t tmpfs -o size=4k none "$T/disk" || exit 77
trap 'status=$?; umount "$T/disk"; (exit "$status"); cleanup' EXIT
attack fault-stdout.py
cat "$T/attack.out"
