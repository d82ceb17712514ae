#!/usr/bin/env bash
# A TPM's refusal is reported in one line with a remedy, where a key is made
# and where it is used: lockout, full slots, cleared, replaced, hierarchy
# disabled, persistent memory full.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/verify.sh"

made() { # OPTION...
	rm -rf new
	provision --tpm --force --no-address --name new --ca ca --dir new "$@"
}
# every tool that uses the key in DIR tells REGEX
used() { # STATUS REGEX DIR OPTION...
	local status=$1 regex=$2 dir=$3
	shift 3
	refused "$status" "$regex" "$B/tools/blesec-serve" --dir "$dir" "$@" \
		"unix:$T/link"
	refused "$status" "$regex" "$B/tools/blesec-connect" --dir "$dir" "$@" \
		"unix:$T/none"
	refused "$status" "$regex" provision --csr --dir "$dir" "$@"
	bad "$status" key "$regex" --dir "$dir" "$@"
}

start_tpm
umask 077
echo horse >right
echo mouse >wrong
ca init --dir ca --name "Example CA"
made --key-auth file:right >/dev/null
mv new locked
made >/dev/null
mv new plain

# lockout, and its length at 77 seconds per failure
tpm2_dictionarylockout -Q --setup-parameters --max-tries 1 \
	--recovery-time 77 --lockout-recovery-time 1000
refused 3 'is not that of the key' provision --csr --dir locked \
	--key-auth file:wrong
lockout='lockout mode.* within 77 s.*tpm2_dictionarylockout --clear-lockout'
used 6 "$lockout" locked --key-auth file:right
# noDA: a key without a password goes on
good --dir plain
tpm2_dictionarylockout -Q --clear-lockout
good --dir locked --key-auth file:right

# another program holds all slots for keys
for ((n = 0; n < 3; n++)); do tpm2_createprimary -Q -c "slot$n"; done
used 6 'slots for keys.*device:/dev/tpmrm0.*tpm2_flushcontext -t' plain
refused 6 'slots for keys.*device:/dev/tpmrm0' made
[ ! -e new ] && [ ! -e new.next ]
tpm2_flushcontext -t
good --dir plain

# persistent memory
tpm2_createprimary -Q -c primary
n=0
while tpm2_evictcontrol -Q -c primary "$(printf 0x%x $((0x81000100 + n)))" \
	2>/dev/null; do
	tpm2_flushcontext -t
	n=$((n + 1))
	[ "$n" -lt 200 ]
done
tpm2_flushcontext -t
refused 6 'persistent memory is full.*handles-persistent.*tpm2_evictcontrol' \
	made --persistent 0x81000002
[ ! -e new ] && [ ! -e new.next ]
refused 6 'handle 0x81000100 is taken.*tpm2_evictcontrol -c 0x81000100' \
	made --persistent 0x81000100

# cleared: the parent is gone; then another parent; then no owner hierarchy
gone='cleared since the key was made.*blesec-provision --force'
tpm2_clear -Q
used 6 "$gone" plain
made >/dev/null
used 6 "$gone" plain
made >/dev/null
mv new last
tpm2_hierarchycontrol -Q -C p shEnable clear
used 6 'owner hierarchy is disabled.*firmware' last
tpm2_hierarchycontrol -Q -C p shEnable set
tpm2_clear -Q
tpm2_hierarchycontrol -Q -C p shEnable clear
refused 6 'owner hierarchy is disabled.*firmware' made
[ ! -e new ] && [ ! -e new.next ]
cut_power
