#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# stdout that nobody reads any more, that nobody reads yet, or that is on a full
# disk, and stderr that nobody reads: exit status 0 means that all is written;
# the other end is told otherwise, and nobody hangs or grows.
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
