/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The limits and time-outs that the manual pages name.
 *
 * "man:" says which page states the number and in which words;
 * tests/lint/limits.sh compares the two.  A limit that no page names stays in
 * the part that it belongs to.
 */
#ifndef BLESEC_LIMITS_H
#define BLESEC_LIMITS_H

/* Octets of a message; man: blesec-connect(1) "at most 65536 octets long" */
#define CHANNEL_MESSAGE_MAX 65536

/* Octets of a segment; man: blesec-protocol(7) "at most 2048 octets long" */
#define TUNNEL_VALUE_MAX 2048
/* Octets on ATT; man: blesec-protocol(7) "octets and at most 512" */
#define TUNNEL_ATT_VALUE_MAX 512
/* Unacknowledged segments; man: blesec-protocol(7) "in segments, 1 to 127" */
#define TUNNEL_WINDOW_MAX 127

/* Octets; man: blesec-protocol(7) "version 3, at most 2048 octets" */
#define CERT_DER_MAX 2048
/* A chain; man: blesec-protocol(7) "a chain is at most four certificates" */
#define CERT_CHAIN_MAX 4
/* Octets of a chain; man: blesec-protocol(7) "chain longer than 4096 octets" */
#define CERT_CHAIN_OCTETS_MAX 4096

/* Octets of a download; man: blesec-provision(1) "of 1 MiB at most" */
#define CRL_BODY_MAX (1 * 1024 * 1024)
/* CRLs in a download; man: blesec-provision(1) "up to 16 in PEM" */
#define CRL_COUNT_MAX 16
/* Seconds to trust an ETag; man: blesec-provision(1) "used for 20 hours" */
#define CRL_BELIEVED_S (20 * 3600)
/* HTTP redirects; man: blesec-provision(1) "Up to 5 redirects" */
#define HTTP_REDIRECTS_MAX 5

/* Seconds for all of EST; man: blesec-provision(1) "the default is 600" */
#define EST_TIMEOUT_S 600
/* Seconds for a URL or a step; man: blesec-provision(1) "the default is 60" */
#define PROVISION_TIMEOUT_S 60
/* Waiting for DIR.lock; man: blesec-provision(1) "for 30 seconds at most" */
#define LOCK_FILE_WAIT_MS (30 * 1000)
/* PBKDF2 iterations; man: blesec-provision(1) "600000 rounds of PBKDF2" */
#define ENROL_PBKDF2_ROUNDS 600000

/* Octets of a password; man: blesec(7) "at most 127 octets" */
#define SECRET_MAX 127
/* Octets in the TPM; man: blesec(7) "127 octets, 32 for the TPM" */
#define TPM_KEY_AUTH_MAX 32
/* Seconds to type a password; man: blesec(7) "at most 120 seconds" */
#define SECRET_ANSWER_S 120

/* Seconds to wait for the TPM; man: blesec(7) "wait 60 seconds for a TPM" */
#define TPM_WAIT_S 60
/* Loading the key; man: blesec-serve(1) "which takes 30 seconds at most" */
#define SIGNER_START_MS (30 * 1000)
/* Signatures; man: blesec-security(7) "10 times a second for all sessions" */
#define SIGN_PER_SECOND 10
/* Signatures at once; man: blesec-security(7) "after a burst of 32" */
#define SIGN_BURST 32

/* Peers at a time; man: blesec-serve(1) "the default is 64" */
#define SERVE_PEERS 64
/* Securing a session; man: blesec-connect(1) "secured; the default is 30" */
#define SESSION_TIMEOUT_MS (30 * 1000)
/* Connecting; man: blesec-connect(1) "including scanning; the default is 30" */
#define CONNECT_TIMEOUT_MS (30 * 1000)
/* Seconds, both timeouts; man: blesec-connect(1) "is 30, the maximum 3600" */
#define TIMEOUT_MAX_S 3600
/*
 * Seconds between attempts; man: blesec-connect(1) "1, 2, 4 \&... 60 seconds"
 */
#define CONNECT_BACKOFF_MAX_S 60
/* Gateway's attempts; man: blesec-serve(1) "after half a minute at most" */
#define GATEWAY_BACKOFF_MAX_S 30

/* Keepalive; man: blesec-protocol(7) "sent no segment for 10 seconds" */
#define SESSION_HEARTBEAT_MS (10 * 1000)
/* Peer is dead; man: blesec-protocol(7) "has received none for 30 seconds" */
#define SESSION_SILENCE_MS (30 * 1000)
/* Answer to BYE; man: blesec-protocol(7) "waits two seconds for the answer" */
#define SESSION_GOODBYE_MS (2 * 1000)

/* A slow peer; man: blesec-serve(1) "delays the others for 10 seconds" */
#define LINES_LAG_MS (10 * 1000)
/*
 * A slow peer, with a profile; man: blesec-profile(5) "waits for ten seconds"
 */
#define GATT_LAG_MS (10 * 1000)
/* A profile's program; man: blesec-profile(5) "A program has ten seconds" */
#define GATT_RUN_MS (10 * 1000)
/* Request to the peripheral; man: blesec-serve(1) "for up to 20 seconds" */
#define GATEWAY_HOLD_MS (20 * 1000)
/* An indication; man: blesec-serve(1) "confirmed it, or after ten seconds" */
#define GATEWAY_CONFIRM_MS (10 * 1000)
/* Execution; man: blesec-serve(1) "prepared writes, for ten seconds at most" */
#define GATEWAY_PREPARED_MS (10 * 1000)
/* Pairing; man: blesec-serve(1) "not finished within 45 seconds" */
#define PAIRING_REQUIRED_MS (45 * 1000)
/* From SIGTERM to SIGKILL; man: blesec-serve(1) "SIGKILL two seconds later" */
#define COMMAND_TERM_MS (2 * 1000)
/* Days before a warning; man: blesec(7) "expires within 30 days" */
#define IDENTITY_WARN_DAYS 30

/* Quiet time; man: blesec-serve(1) "nothing has changed for a second" */
#define DIR_WATCH_SETTLE_MS (1 * 1000)
/* Longest delay; man: blesec-serve(1) "or after ten seconds of changes" */
#define DIR_WATCH_LONGEST_MS (10 * 1000)

#endif
