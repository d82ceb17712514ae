#!/bin/bash
# scripts/demo ends well, and both ends have said "secured".
# time limit: 300
set -euo pipefail
[ "$("$S/scripts/demo" | tee /dev/stderr |
	grep -c '"event": *"secured"')" -ge 2 ]
