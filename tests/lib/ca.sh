# shellcheck shell=bash
# For tests of blesec-ca: what must hold for its directory, whatever happened.

# fits CERT KEY
fits() {
	cmp -s <(openssl x509 -in "$1" -noout -pubkey) \
		<(openssl pkey -in "$2" -pubout)
}

# usable DIR: the next run in it finds a CA and removes all traces of the last
# one. Signs the request in csr.
usable() {
	ca crl --dir "$1" >list || fail "no list"
	[ ! -e "$1/.next" ] || fail "left over"
	[ ! -e "$1/.commit" ] || fail "a committed change is not completed"
	fits "$1/cacert.pem" "$1/cakey.pem" || fail "the key does not match"
	ca sign --dir "$1" --name probe <csr >probe.pem || fail "cannot sign"
	openssl verify -x509_strict -crl_check_all -CRLfile list \
		-CAfile "$1/ca.pem" -untrusted probe.pem probe.pem >/dev/null ||
		fail "not trusted"
	[ -z "$(ca list --dir "$1" | jq -r .serial | sort | uniq -d)" ]
	[ "$(stat -c %a "$1/cakey.pem")" = 600 ]
	if [ -d "$1/root" ]; then
		fits "$1/root/cacert.pem" "$1/root/cakey.pem" || fail "root's key"
	fi
	if [ -e "$1/previous" ]; then
		fits "$1/previous/cacert.pem" "$1/previous/cakey.pem"
	fi
}
