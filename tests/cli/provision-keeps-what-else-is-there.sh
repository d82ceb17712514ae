#!/usr/bin/env bash
# Other files of the directory, their modes, links and owner survive a new
# identity, whatever the umask. What cannot be kept is refused before anything
# changes.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

make() { provision --no-tpm --no-address --name a --dir id --ca ca "$@" >made; }
state() { (cd "$1" && ls -lnA --time-style=+ && cat key.pem cert.pem ca.pem); }

ca init --dir ca --name "Example CA"
make
ca crl --dir ca >crl.pem
ln -s ../crl.pem id/crl.pem
ln -s nowhere id/dangling
echo note >id/.note
chmod 640 id/.note
head -c 100000 /dev/urandom >id/blob
cp id/blob blob
touch id/empty
for round in new renewed; do
	case $round in
	new) make --force ;;
	renewed)
		provision --no-tpm --dir id --csr --name a --no-address |
			ca sign --dir ca | provision --dir id --install >made
		;;
	esac
	same_key id
	[ "$(readlink id/crl.pem)" = ../crl.pem ]
	[ "$(readlink id/dangling)" = nowhere ]
	[ "$(cat id/.note)" = note ]
	[ "$(stat -c %a id/.note)" = 640 ]
	cmp id/blob blob
	[ -e id/empty ] && [ ! -s id/empty ]
	[ ! -e id.next ]
done

# a directory or a pipe inside the directory is refused, and nothing changes
before=$(state id)
mkdir id/sub
echo x >id/sub/file
refused 3 '`sub' make --force
[ -e id/sub/file ]
rm -r id/sub
mkfifo id/pipe
refused 3 '`pipe' timeout 20 "$B/tools/blesec-provision" --no-tpm \
	--no-address --name a --dir id --ca ca --force
rm id/pipe
[ "$(state id)" = "$before" ] || fail "something was changed"
make --force
same_key id

# whatever the umask
for mask in 000 077 777; do
	(umask "$mask" && make --force)
	same_key id
	[ "$(stat -c %a id/key.pem)" = 600 ]
	[ "$(stat -c %a id/cert.pem)" = 644 ]
	(umask "$mask" && make --force --dir "id$mask")
	same_key "id$mask"
	[ "$(stat -c %a "id$mask/key.pem")" = 600 ]
	mode=$(stat -c %a "id$mask")
	case $mask-$mode in
	000-755 | 077-700 | 777-700) ;;
	*) fail "umask $mask makes a directory of mode $mode" ;;
	esac
done
chmod 750 id
make --force
[ "$(stat -c %a id)" = 750 ]

# root renews the identity of another user: it stays that user's
if [ "$(id -u)" = 0 ]; then
	chown -hR 1234:2345 id
	make --force
	[ -z "$(find id ! -uid 1234 -o ! -gid 2345)" ] || fail "root's now"
	same_key id
fi

# two runs at once do not mix
for n in {1..6}; do
	"$B/tools/blesec-provision" --no-tpm --no-address --name "n$n" \
		--dir both --ca ca --force >/dev/null &
done
wait
same_key both
[ ! -e both.next ]

# leftovers of any kind do not block the next run
mkdir id.next
echo junk >id.next/key.pem
echo junk >id.next/other
make --force
same_key id
[ ! -e id/other ]
