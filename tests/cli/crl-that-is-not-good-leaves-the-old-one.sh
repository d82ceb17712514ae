#!/usr/bin/env bash
# --fetch-crl takes no CRL that serve and connect would refuse, and none that
# is older than the installed one, from a server that lies, sends too much, is
# slow or is down. The old crl.pem stays, and serve can read it at every
# moment. The exit status and one line say why.
# takes: 20 s
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/crl.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
ca init --dir ca --name "Example CA"
provision --no-tpm --no-address --name sensor --ca ca --dir id >/dev/null
start_http
ca crl --dir ca >www/first.pem
ca crl --dir ca >www/good.pem
ca crl --dir ca >www/newer.pem
leaves 3 'status 404, it has no CRL there' "$url/nothing.pem"
[ ! -e id/crl.pem ] && [ ! -e id/crl.json ]
takes installed "$url/good.pem"

# bad contents
leaves 3 'older \(number 01, .*number 02' "$url/first.pem"
pki_crl stale.pem ca from=20200101000000Z to=20210101000000Z
cp stale.pem www/stale.pem
leaves 3 'was to be replaced before 2021' "$url/stale.pem"
pki_crl www/early.pem ca from=20980101000000Z to=20990101000000Z
leaves 3 'not valid before 2098' "$url/early.pem"
# without a number, the date decides
pki_crl www/dated.pem ca "from=$(date -u -d '2 days ago' +%Y%m%d%H%M%SZ)"
sed -i '/^crlnumber/d' www/dated.pem.db/openssl.cnf
openssl ca -config www/dated.pem.db/openssl.cnf -gencrl -out www/dated.pem \
	-crl_lastupdate "$(date -u -d '2 days ago' +%Y%m%d%H%M%SZ)" \
	-crl_nextupdate "$(date -u -d '2 days' +%Y%m%d%H%M%SZ)" 2>/dev/null
openssl crl -in www/dated.pem -noout -crlnumber | grep -qi none
leaves 3 'older \(number none' "$url/dated.pem"
pki_ca other "Other CA"
pki_crl www/other.pem other
leaves 3 'Other CA. is not signed by a CA that is known' "$url/other.pem"
pki_ca same "Example CA"
pki_crl www/same.pem same
leaves 3 'Example CA. is not signed by a CA that is known' "$url/same.pem"
# one bad CRL among good ones: none is taken
cat www/newer.pem www/other.pem >www/both.pem
leaves 3 'not signed by' "$url/both.pem"
head -c 2000 /dev/urandom >www/noise
printf '0%s' "$(head -c 2000 /dev/urandom | base64)" >www/sequence
openssl crl -in www/newer.pem -outform DER -out www/der
head -c 100 www/der >www/short.der
{ cat www/der; echo; } >www/long.der
head -c 300 www/newer.pem >www/short.pem
{ cat www/newer.pem; head -c 300 www/newer.pem; } >www/half.pem
for _ in {1..17}; do cat www/newer.pem; done >www/many.pem
: >www/nothing
for file in noise sequence short.der long.der short.pem half.pem many.pem \
	nothing; do
	leaves 3 'is not a CRL' "$url/$file"
done
cp ca/cacert.pem www/cert.pem
leaves 3 'is not a CRL' "$url/cert.pem"
openssl x509 -in ca/cacert.pem -outform DER -out www/cert.der
leaves 3 'is not a CRL' "$url/cert.der"

# bad transfers
leaves 3 'HTTP status 503' "$url/status-503/newer.pem"
leaves 3 'HTTP status 304' "$url/status-304/newer.pem"
leaves 3 'redirected 5 times' "$url/redirect-6/newer.pem"
leaves 3 'sends too much' "$url/big/newer.pem"
leaves 3 'sends too much' "$url/big-header/newer.pem"
leaves 5 'is lost' "$url/cut/newer.pem"
leaves 3 'is not HTTP' "$url/not-http/newer.pem"
leaves 3 'is not HTTP' "$url/to=file%3A%2F%2F%2Fetc%2Fpasswd/x"
for way in drip silent; do
	start=$SECONDS
	leaves 7 'does not answer in time' "$url/$way/newer.pem" --timeout 2
	[ $((SECONDS - start)) -le 20 ] || fail "$way: $((SECONDS - start)) s"
done
leaves 5 'no connection to the CRL server `http://127.0.0.1:1/' http://127.0.0.1:1/x
leaves 5 'no connection' http://nowhere.invalid/x
takes unchanged "$url/good.pem"

# bad arguments
for bad in ftp://a/b file:///etc/passwd a/b '' http:// 'http://a b/' \
	"http://a/$(printf '\n')#x" "http://a/$(printf 'x%.0s' {1..1100})"; do
	refused 2 'bad --crl-url `' fetch --crl-url "$bad"
done
refused 2 'bad --crl-url: .*leave out the user' fetch \
	--crl-url http://me:secret@localhost/x
refused 2 'belong to --fetch-crl' provision --dir id --show --crl-url "$url/x"
refused 2 'exclude each other' fetch --show
refused 2 'takes no --ca' fetch --ca ca
refused 2 'excludes' fetch --est https://localhost
refused 2 '--fetch-crl is for this machine' fetch sensor-7
for bad in 'http://a/b,c' 'ftp://a/b' 'http://a/$''b' 'http://a/"'; do
	refused 2 'bad --crl-url' ca init --dir new --name New --crl-url "$bad"
	refused 2 'bad --crl-url' ca sign --dir ca --crl-url "$bad"
done
[ ! -e new ]

# bad places
refused 3 'no identity' provision --dir none --fetch-crl --crl-url "$url/x"
mkdir empty
refused 3 'ca.pem' provision --dir empty --fetch-crl --crl-url "$url/x"
mv id/crl.pem kept
echo garbage >id/crl.pem
refused 3 'holds no PEM CRL' fetch --crl-url "$url/good.pem"
rm id/crl.pem
ln -s ../kept id/crl.pem
refused 3 'is a link' fetch --crl-url "$url/good.pem"
rm id/crl.pem
cp kept id/crl.pem
# the CRL is stale by now: the request is unconditional, and a new one helps
cp stale.pem id/crl.pem
takes installed "$url/good.pem"

# two CRLs by the same key in one answer: the newer one is taken, in either
# order
cp id/crl.pem good
for file in www/newer.pem www/good.pem; do
	cat www/newer.pem www/good.pem "$file" >www/two.pem
	cp good id/crl.pem
	takes installed "$url/two.pem"
	[ "$(openssl crl -in id/crl.pem -noout -crlnumber)" = \
		"$(openssl crl -in www/newer.pem -noout -crlnumber)" ] ||
		fail "not the newer one"
	[ "$(grep -c BEGIN id/crl.pem)" = 1 ]
done
cp good id/crl.pem

# a key that waits for its certificate stays
provision --dir id --no-tpm --no-address --force --csr >csr
takes installed "$url/newer.pem"
ca sign --dir ca --force <csr >cert
provision --dir id --install <cert >/dev/null
cmp -s id/crl.pem www/newer.pem || fail "--install loses it"

# a full disk, and killed
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	ca crl --dir ca >www/crl.pem
	# shellcheck disable=SC2016 # by the other shell
	unshare -m bash -c 'mkdir full && mount -t tmpfs -o size=64k none full &&
		mkdir full/id && cp id/*.pem full/id &&
		{ head -c 65536 /dev/zero >full/filler; true; } 2>/dev/null
		status=0
		"$1" --dir full/id --fetch-crl --crl-url "$2" >out 2>err || status=$?
		[ "$status" = 3 ] && cmp id/crl.pem full/id/crl.pem &&
		[ "$(ls -A full/id | grep -vx "[.]lock")" = \
			"$(cd id && ls ./*.pem | sed s,./,,)" ]' \
		- "$B/tools/blesec-provision" "$url/crl.pem" ||
		fail "a full disk: $(cat err out)"
	grep -q 'No space left' err
	# room for the one file alone: the list is there, and it is said
	# shellcheck disable=SC2016 # by the other shell
	unshare -m bash -c 'mount -t tmpfs -o size=64k none full &&
		mkdir full/id && cp id/cert.pem id/ca.pem full/id &&
		{ head -c 65536 /dev/zero >full/filler; true; } 2>/dev/null
		truncate -s -4096 full/filler
		status=0
		"$1" --dir full/id --fetch-crl --crl-url "$2" >out 2>err || status=$?
		[ "$status" = 3 ] && cmp www/crl.pem full/id/crl.pem &&
		[ "$(ls -A full/id | grep -vx "[.]lock" | xargs)" = \
			"ca.pem cert.pem crl.pem" ] &&
		rm full/filler &&
		"$1" --dir full/id --fetch-crl --crl-url "$2" >again' \
		- "$B/tools/blesec-provision" "$url/crl.pem" ||
		fail "without crl.json: $(cat err out)"
	[ "$(jq -c '[.status, .exit, (.crls | length)]' out)" = '["installed",3,1]' ] ||
		fail "it says $(cat out)"
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	grep -q 'cannot write .*crl.json.: No space left.*; .*crl.pem. is up to date' err ||
		fail "it says $(cat err)"
	[ "$(jq -r .status again)" = unchanged ] || fail "then: $(cat again)"
	asked 200 crl.pem -
fi

# a reader never sees half a CRL
for n in {1..8}; do
	ca crl --dir ca >"www/$n.pem"
done
for n in {1..8}; do
	fetch --crl-url "$url/$n.pem" >>turns &
	wait $! || fail "turn $n"
done &
turns=$!
while kill -0 "$turns" 2>/dev/null; do
	openssl crl -in id/crl.pem -noout || fail "half of one"
	"$B/tools/blesec-verify" --dir id --ca id/ca.pem >verdict 2>err ||
		fail "$(cat err verdict)"
done
wait "$turns"
[ "$(jq -r .status turns | sort | uniq -c | xargs)" = "8 installed" ]
"$B/tools/blesec-serve" --dir id "unix:$T/link" </dev/null >serve.json 2>serve.err &
server=$!
await 10 test -S link
stop_serve
