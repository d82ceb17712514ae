#!/bin/bash
# The release archive has all that it takes to build, test and install.
# time limit: 600
set -euo pipefail
make -C "$B" -j"$(nproc)" distcheck
