#!/usr/bin/env bash
# 4 MiB of noise each way arrive as they are; stdout has nothing else.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
head -c 4194304 /dev/urandom >there
head -c 4194304 /dev/urandom >back
serve --raw <there
expect_status 0 connect --raw <back >out
cmp out there
wait_for 5 cmp -s serve.json back
stop_serve
# a reader that stands still holds the sender, and loses nothing
serve --raw <there
connect --raw </dev/null | (sleep 3; cat) >out
cmp out there
stop_serve
