#!/bin/bash
# Each permission of a profile on the link, at each security level of the link,
# for reads, writes, commands and subscriptions. The numbers are the ATT errors
# of Core 5.4 Vol 3 Part C 10.3.1 and Part F 3.4.1.1.
# takes: 25 s
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"

identities
rm -rf /var/lib/blesec
cat >table <<'END'
requirement         open  bonded  works  legacy  short  secure
open                00    00      00     00      00     00
encrypted           05    0f      00     00      00     00
encrypted-16        05    0f      00     00      0c     00
authenticated       05    0f      05     00      00     00
authenticated-16    05    0f      05     00      0c     00
secure-connections  05    0f      05     05      05     00
peers               08    08      08     08      08     08
encrypted-peers     05    0f      08     08      08     08
END
# To be read, and to be written.
cat >attributes <<'END'
open                open
encrypted           encrypted
encrypted-16        encrypted-16
authenticated       authenticated
authenticated-16    authenticated-16
secure-connections  secure-connections
peers               peers
encrypted-peers     encrypted-peers
open                secure-connections
authenticated-16    encrypted
peers               authenticated
END
script=$S/tests/vm/scenarios/each-permission-at-each-level-of-the-link.py
python3 "$script" profile >profile.json
begin()
{
	local n
	for n in {0..10} signed; do
		printf old >"value-$n"
	done
	serve --profile profile.json </dev/null
}
one() # KIND
{
	local n
	wait_for 20 no_links
	for n in {0..10} signed; do
		printf old >"value-$n"
	done
	python3 "$script" "$1" || fail "$1: $(tail -n 3 serve.json serve.err)"
}

begin
blesec-oob read hci0 >/dev/null		# switches it on
for kind in open works legacy short; do
	one $kind
done
expect 0 stop_serve

for n in 0 1; do
	echo 16 >/sys/kernel/debug/bluetooth/hci$n/max_key_size
done
swap_oob
pair_respond --bond
pair_initiate --bond
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
begin
one bonded
one secure
expect 0 stop_serve
