# shellcheck shell=bash
# For tests of enrolment over EST, after tests/lib/session.sh and tpm.sh: an
# EST server on a CA of blesec-ca, and the client.
# shellcheck source=tests/lib/pki.sh
. "$S/tests/lib/pki.sh"
unset http_proxy https_proxy HTTPS_PROXY ALL_PROXY all_proxy

# What the server is made of: the devices' CA, another, and the server's own.
est_files() {
	ca init --dir ca --name "Example CA"
	ca init --dir other --name "Other CA"
	pki_ca web "Web CA"
	pki_identity www web name=localhost san=DNS:localhost,IP:127.0.0.1
	echo secret >password
	chmod 600 password
	openssl ecparam -name P-256 -genkey -noout -out key.pem
	chmod 600 key.pem
}

# start_est [OPTION...]: $est_port, $url; stop_est ends it.
start_est() {
	rm -f port
	: >switches
	python3 "$S/tests/lib/est_server.py" --ca ca --other-ca other \
		--client-ca ca/cacert.pem --cert www/cert.pem \
		--key www/key.pem --port-file port "$@" 2>est.err &
	est=$!
	await 20 test -s port
	est_port=$(cat port)
	url=https://localhost:$est_port
}
stop_est() {
	kill "$est"
	wait "$est" 2>/dev/null || :
}

# switch LINE...: what the server does from now on.
switch() {
	[ $# = 0 ] || printf '%s\n' "$@" >switches.new
	[ $# != 0 ] || : >switches.new
	mv switches.new switches
}

# est OPTION... OPERATION: with the server's CA.
est() { bare --url "$url" --ca web/cacert.pem --timeout 30 "$@"; }
bare() { "$B/tests/helpers/est" "$@"; }
with_password() { est --user device --password-file password "$@"; }
enrol() { with_password --key key.pem --name sensor "$@" enrol; }

# good FILE [KEYFILE]: a chain for the key that goes to the devices' CA.
good() {
	openssl verify -CAfile ca/cacert.pem -untrusted "$1" "$1" >/dev/null ||
		fail "no good chain: $1"
	cmp -s <(openssl x509 -in "$1" -noout -pubkey) \
		<(openssl pkey -in "${2:-key.pem}" -pubout) ||
		fail "for another key: $1"
}
