#!/bin/bash
# The release archive contains everything needed to build, test and install.
# takes: 40 s
# time limit: 600
set -euo pipefail
make -C "$B" -j"$(nproc)" distcheck
