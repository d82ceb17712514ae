#!/usr/bin/env bash
# Refusals change nothing; a new identity comes as a set; kill -9 at any moment
# leaves the old one or the new one.
# takes: 20 s
# time limit: 240
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
make() { provision --no-tpm --no-address --name a --dir id "$@"; }
state() { (cd id && sha256sum ./*); }
unchanged() { [ "$(state)" = "$before" ] || fail "something was changed"; }

ca init --dir ca --name "Example CA"
ca init --dir other --name "Other CA"
(umask 000; make --ca ca >/dev/null)
[ "$(stat -c %a id/key.pem)" = 600 ]
same_key id
ca crl --dir ca >list
cp list id/crl.pem
before=$(state)
refused 3 'already' make --ca ca
unchanged
mv ca/cakey.pem ca/away
expect 3 make --force --ca ca 2>/dev/null
unchanged
mv ca/away ca/cakey.pem
make --force --ca ca >/dev/null
same_key id
cmp id/crl.pem list
[ ! -e id.next ]
[ "$(state)" != "$before" ]

# the pipe keeps the key, and so the pin
before=$(sha256sum id/key.pem)
make --csr | openssl req -verify -noout 2>/dev/null
make --csr | ca sign --dir ca --name b | make --install >out
[ "$(sha256sum id/key.pem)" = "$before" ]
[ "$(jq -r .name out)" = b ]
same_key id

# what --install refuses
before=$(state)
openssl ecparam -name P-256 -genkey -noout -out key
openssl req -new -key key -subj /CN=a | ca sign --dir ca --force >foreign.pem
make --csr | ca sign --dir other --name a >other.pem
echo x >garbage
install() { make --install "${@:2}" <"$1"; }
refused 3 'another key' install foreign.pem
refused 3 'refused' install other.pem
refused 3 'no PEM' install garbage
refused 3 'no PEM' install /dev/null
unchanged
install other.pem --ca other/cacert.pem >/dev/null
cmp -s id/ca.pem other/cacert.pem

# a pending key leaves the identity alone until its certificate comes
make --csr | ca sign --dir ca --name a | make --install --ca ca >/dev/null
before=$(state)
make --csr --force >csr
unchanged
ca sign --dir ca --name a --force <csr | make --install >/dev/null
same_key id
[ "$(state)" != "$before" ]
[ ! -e id.next ]

# leftovers beside it are not followed, nor taken from another user
make --csr --force >csr
ca sign --dir ca --name a --force <csr >next.pem
mkdir kept
echo kept >kept/file
chmod 600 kept/file
before=$(state)
ln -s kept id.new
refused 3 'id.new. is in the way: it is a link' install next.pem
[ -L id.new ] || fail "the link is removed"
rm id.new
mv id.next pending
ln -s pending id.next
refused 3 'id.next. is in the way: it is a link' make --force --ca ca
refused 3 'cannot open the key in .*id.next' install next.pem
rm id.next
mv pending id.next
: >id.new
refused 3 'id.new. is in the way: it is not a directory' install next.pem
rm id.new
mkdir -p id.new/deep
refused 3 'id.new. is in the way: its contents cannot be removed' install next.pem
rmdir id.new/deep id.new
if [ "$(id -u)" = 0 ]; then
	mv kept id.new
	chown 65534 id.new
	refused 3 'id.new. is in the way: .* another user, uid 65534' install next.pem
	mv id.new kept
	# the owner of the directory may leave anything there
	mkdir -p theirs/new.new
	echo old >theirs/new.new/file
	chown -R 65534 theirs
	make --dir theirs/new --name theirs --ca ca >/dev/null
	[ ! -e theirs/new.new ] || fail "left over"
fi
[ "$(cat kept/file)" = kept ] || fail "a file is removed elsewhere"
unchanged
install next.pem >/dev/null
same_key id
[ ! -e id.next ]

# killed at any moment
for n in {1..40}; do
	"$B/tools/blesec-provision" --no-tpm --no-address --name "k$n" \
		--dir id --ca ca --force >/dev/null 2>&1 &
	victim=$!
	sleep "0.$(printf %03d $((n * 7)))"
	kill -9 "$victim" 2>/dev/null || :
	wait "$victim" 2>/dev/null || :
	same_key id || fail "half an identity at moment $n"
	openssl verify -CAfile id/ca.pem id/cert.pem >/dev/null
done
make --force --ca ca >/dev/null
same_key id
[ ! -e id.next ]

# where the directory is
(cd id && make --dir . --force --ca ../ca >/dev/null)
same_key id
make --dir new/ --ca ca --force >/dev/null
same_key new
refused 3 'nowhere' make --dir nowhere/id --ca ca
refused 3 'garbage' make --dir garbage --ca ca
refused 3 'nothing' make --dir fresh --ca nothing
[ ! -e fresh ]
