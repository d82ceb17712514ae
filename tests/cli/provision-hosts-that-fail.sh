#!/usr/bin/env bash
# time limit: 240
# Each way in which a host can fail has its own message, in both streams, and
# leaves the host's identity as it is; the other hosts are not affected.
# shellcheck disable=SC2016 # what a host shall expand
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/hosts.sh"

ca init --dir ca --name "Example CA"
start_hosts
# A storage key with protection against dictionary attacks, as others make it.
at phone-1 tpm2_createprimary -Q -C o -G ecc -c primary.ctx
at phone-1 tpm2_flushcontext -t
at phone-1 tpm2_evictcontrol -Q -C o -c primary.ctx 0x81000001
at phone-1 tpm2_flushcontext -t
remote --no-address sensor-7 phone-1

# on the way there
fails unknown 5 show 'ssh: Could not resolve hostname unknown.invalid'
fails refuses 5 show 'ssh: connect to host .*Connection refused'
fails stranger 4 show 'ssh: .*Permission denied.*-j 1 on a terminal'
fails changed 4 show 'ssh: Host key verification failed.*-j 1 on a terminal'

# makes NAME: the host's env is stdin
makes() { cat >"hosts/$1/env"; }
makes sensor-7 <<<'export PATH=/usr/bin:/bin'
fails sensor-7 3 show 'no blesec-provision there.*install the package blesec'
makes sensor-7 <<<'SSH_ORIGINAL_COMMAND=${SSH_ORIGINAL_COMMAND/--show/--shaw}'
fails sensor-7 3 show "another version.*--shaw.*install blesec 0"
makes sensor-7 <<<'SSH_ORIGINAL_COMMAND=${SSH_ORIGINAL_COMMAND/--ca -/--cx -}'
fails sensor-7 3 install "another version.*--cx" --renew
makes sensor-7 <<<'kill -9 $$'
fails sensor-7 5 show 'ssh ended without a message'
makes sensor-7 <<<'exit 137'
fails sensor-7 1 show 'killed by signal 9'
makes sensor-7 <<<'yes'
fails sensor-7 1 show 'too much output on stdout'
makes sensor-7 <<<'echo tired >&2; exit 42'
fails sensor-7 1 show 'status 42: tired'
makes sensor-7 <<<'case $SSH_ORIGINAL_COMMAND in *--show*) ;; *) exit 0 ;; esac'
fails sensor-7 1 csr 'no certificate request' --renew
makes sensor-7 <<<'case $SSH_ORIGINAL_COMMAND in *--install*) exit 0 ;; esac'
fails sensor-7 1 install 'does not say' --renew

# time
for step in show csr install; do
	makes sensor-7 <<<"case \$SSH_ORIGINAL_COMMAND in *--$step*) sleep 24 ;; esac"
	fails sensor-7 7 "$step" 'not done within 8 s' --renew --timeout 8
done
# The last host had everything that it needs, and goes on by itself.
old=$(openssl x509 -in hosts/sensor-7/id/cert.pem -noout -serial)
renewed_late() {
	[ "$(openssl x509 -in hosts/sensor-7/id/cert.pem -noout -serial)" != "$old" ]
}
await 40 renewed_late
await 20 test ! -e hosts/sensor-7/id.next
makes sensor-7 </dev/null

# sudo
mkdir nothing
ln -s "$(command -v env)" nothing/env
makes sensor-7 <<<"export PATH=$T/there:$T/nothing"
fails sensor-7 3 show 'no sudo there' --sudo
sudo_says() { # LINE
	printf '#!/bin/sh\n[ "$1" != -n ] || shift\n%s\n' "$1" >there/sudo
	chmod +x there/sudo
}
makes sensor-7 </dev/null
sudo_says 'echo "sudo: a password is required" >&2; exit 1'
fails sensor-7 3 show 'password.*NOPASSWD' --sudo
sudo_says 'echo "pi is not in the sudoers file." >&2; exit 1'
fails sensor-7 3 show 'sudo there refuses: pi is not in' --sudo
sudo_says 'echo "sudo: blesec-provision: command not found" >&2; exit 1'
fails sensor-7 3 show 'no blesec-provision there' --sudo
sudo_says 'exec "$@"'
remote --sudo --renew sensor-7
[ "$(of sensor-7 status)" = renewed ]
grep -q '^env LC_ALL=C sudo -n blesec-provision --install' hosts/sensor-7/commands

# the TPM
makes sensor-7 <<<"export TPM2OPENSSL_TCTI=swtpm:path=$T/nobody"
fails sensor-7 6 show 'no TPM answers'
fails sensor-7 6 csr 'no TPM answers' --force
makes sensor-7 </dev/null
at phone-1 tpm2_dictionarylockout -Q -s -n 1 -t 1000 -l 1000
echo secret | at phone-1 tpm2_create -Q -C 0x81000001 -i- -p right -u s.pub -r s.priv
at phone-1 tpm2_flushcontext -t
at phone-1 tpm2_load -Q -C 0x81000001 -u s.pub -r s.priv -c s.ctx
! at phone-1 tpm2_unseal -c s.ctx -p wrong 2>/dev/null || fail "it unseals"
at phone-1 tpm2_flushcontext -t
fails phone-1 6 show 'lockout.*tpm2_dictionarylockout --clear-lockout'
fails phone-1 6 csr 'lockout.*tpm2_dictionarylockout --clear-lockout' --force
at phone-1 tpm2_dictionarylockout --clear-lockout
remote phone-1
[ "$(of phone-1 status)" = kept ]

# a clock: that of the CA is two hours ahead
mkdir ahead
cat >ahead/date <<-'END'
	#!/bin/sh
	[ "$1" = +%s ] && exec /bin/date -d '2 hours' +%s
	exec /bin/date "$@"
END
printf '#!/bin/sh\nPATH=%s:$PATH exec %s "$@"\n' "$T/ahead" "$BLESEC_CA" >ca-ahead
chmod +x ahead/date ca-ahead
BLESEC_CA=$T/ca-ahead fails sensor-7 3 install \
	'it is not valid before 20[^ ]*Z, and the clock of .* says 20[^ ]*Z' --renew

# the CA itself
printf '#!/bin/sh\necho "blesec-ca: no more paper" >&2\nexit 3\n' >ca-fails
chmod +x ca-fails
BLESEC_CA=$T/ca-fails fails sensor-7 3 sign 'did not sign: no more paper' --renew
refused 3 "not a CA's directory" provision --ca nowhere sensor-7
mkdir empty
refused 3 'cacert.pem' provision --ca empty sensor-7

# names
for host in -oProxyCommand=touch\ x root@-oProxyCommand=x ssh://-x '' 'a b'; do
	refused 2 'bad host' provision --ca ca -- "$host"
done
[ ! -e x ]
refused 2 'with --name' provision --ca ca ::1
refused 2 'same name' provision --ca ca a@sensor-7 sensor-7
refused 2 'one host' provision --ca ca --name x sensor-7 phone-1
refused 2 '--csr is for this machine' provision --csr sensor-7
refused 2 'need a HOST' provision --ca ca --sudo

# one host's failure does not affect the others; the exit status is that of the
# first in order
makes phone-1 <<<'exit 42'
before=$(state)
status=0
remote refuses phone-1 sensor-7 unknown -j 2 || status=$?
[ "$status" = 5 ] || fail "status $status"
[ "$(jq -r .ok out | grep -c false)" = 3 ]
[ "$(of sensor-7 status)" = kept ]
[ "$(state)" = "$before" ]
makes phone-1 </dev/null
