#!/bin/bash
# scripts/demo --vm: the same over Bluetooth.
# takes: 60 s
# time limit: 300
set -euo pipefail
"$S/tests/vm/run" -c || exit 77
[ "$("$S/scripts/demo" --vm | tee /dev/stderr |
	grep -c '"event": *"secured"')" -ge 2 ]
