#!/bin/bash
# The release archive has all that it takes to build, test and install.
# takes: 40 s
# time limit: 600
set -euo pipefail
make -C "$B" -j"$(nproc)" distcheck
