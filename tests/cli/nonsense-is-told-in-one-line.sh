#!/usr/bin/env bash
# Bad options and files: one line on stderr that names the value, and the exit
# status of the manual.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

identities
pin=sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
for tool in serve connect; do
	# shellcheck disable=SC2317
	run() { "$B/tools/blesec-$tool" --dir phone "$@"; }
	refused 2 'see --help' run
	refused 2 'frob' run frob
	refused 2 'unix:' run unix:
	refused 2 '107' run "unix:$(printf 'x%.0s' {1..200})"
	refused 2 'extra' run unix:a extra
	refused 2 '`-5.*--timeout' run --timeout -5 unix:a
	refused 2 '`many.*--count' run --count many unix:a
	refused 2 '`1x.*--wait' run --wait 1x unix:a
	refused 2 'sha1' run --pin sha1//x unix:a
	refused 2 'bad --pin' run --pin "${pin}x" unix:a
	refused 2 "P-999" run --groups P-999 unix:a
	"$B/tools/blesec-$tool" --help | grep '^usage:' >/dev/null
	[ "$("$B/tools/blesec-$tool" --version | wc -l)" = 4 ]
done
refused 2 'peer' "$B/tools/blesec-serve" --dir phone 00:AA:01:01:00:01
refused 2 'adapter' "$B/tools/blesec-connect" --dir phone hci0
refused 5 "$T/nobody" "$B/tools/blesec-connect" --dir phone "unix:$T/nobody"
serve </dev/null
refused 5 'listens there' "$B/tools/blesec-serve" --dir sensor "unix:$T/link"
stop_serve
if [ ! -e /sys/class/bluetooth ]; then
	refused 5 'unix:' "$B/tools/blesec-serve" --dir sensor hci0
	refused 5 'unix:' "$B/tools/blesec-connect" --dir phone 00:AA:01:01:00:01
fi

# identities that are none
good() { rm -rf bad; cp -a phone bad; }
bad() { # bad REGEX
	refused 3 "$1" "$B/tools/blesec-serve" --dir bad "unix:$T/link"
	refused 3 "$1" "$B/tools/blesec-connect" --dir bad "unix:$T/link"
}
rm -rf bad; bad 'no identity'
touch bad; bad 'not a directory'
for file in key.pem cert.pem ca.pem; do
	good; : >"bad/$file"; bad "$file"
	good; head -c 500 /dev/urandom >"bad/$file"; bad "$file"
	good; rm "bad/$file"; mkdir -m 700 "bad/$file"; bad "$file"
done
good; rm bad/key.pem; bad key.pem
good; rm bad/cert.pem; bad cert.pem
good; rm bad/ca.pem; bad '--pin'
good; chmod 644 bad/key.pem; bad '0644'
good; cp -p sensor/key.pem bad/; bad 'not that of the certificate'
good; openssl pkey -in phone/key.pem -aes256 -passout pass:x -out bad/key.pem
chmod 600 bad/key.pem; bad 'has a password.*--key-auth'
good; openssl genrsa -out bad/key.pem 2048 2>/dev/null; chmod 600 bad/key.pem
bad 'P-256'

run() { "$B/tools/blesec-provision" --dir new "$@"; }
refused 2 'one of' run
refused 2 'exclude' run --csr --install
refused 2 'exclude' run --tpm --no-tpm --csr
refused 2 'a b' run --name 'a b' --csr
refused 2 '00:11' run --address 00:11 --csr
refused 2 'EMAIL:x' run --san EMAIL:x --csr
refused 2 'pi@host' run --csr pi@host
refused 3 'key.pem' run --install --ca ca <phone/cert.pem
[ ! -e new ]
