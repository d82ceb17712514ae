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
/* The same on ATT; man: blesec-protocol(7) "octets and at most 512" */
#define TUNNEL_ATT_VALUE_MAX 512
/* Segments on their way; man: blesec-protocol(7) "in segments, 1 to 127" */
#define TUNNEL_WINDOW_MAX 127

/* Octets; man: blesec-protocol(7) "version 3, at most 2048 octets" */
#define CERT_DER_MAX 2048
/* Certificates; man: blesec-protocol(7) "a chain is at most four certificates" */
#define CERT_CHAIN_MAX 4
/* Octets; man: blesec-protocol(7) "chain longer than 4096 octets" */
#define CERT_CHAIN_OCTETS_MAX 4096

/* Octets of what is fetched; man: blesec-provision(1) "of 1 MiB at most" */
#define CRL_BODY_MAX (1 * 1024 * 1024)
/* CRLs in that; man: blesec-provision(1) "up to 16 in PEM" */
#define CRL_COUNT_MAX 16
/* Seconds; man: blesec-provision(1) "used for 20 hours" */
#define CRL_BELIEVED_S (20 * 3600)
/* Redirects of http; man: blesec-provision(1) "Up to 5 redirects" */
#define HTTP_REDIRECTS_MAX 5

/* Seconds to enrol by EST; man: blesec-provision(1) "the default is 600" */
#define EST_TIMEOUT_S 600
/* Seconds, a URL or a step; man: blesec-provision(1) "the default is 60" */
#define PROVISION_TIMEOUT_S 60
/* For the lock DIR.lock; man: blesec-provision(1) "for 30 seconds at most" */
#define LOCK_FILE_WAIT_MS (30 * 1000)
/* Rounds of PBKDF2; man: blesec-provision(1) "600000 rounds of PBKDF2" */
#define ENROL_PBKDF2_ROUNDS 600000

/* Octets of a password; man: blesec(7) "at most 127 octets" */
#define SECRET_MAX 127
/* Octets of one in the TPM; man: blesec(7) "127 octets, 32 for the TPM" */
#define TPM_KEY_AUTH_MAX 32
/* Seconds to type it; man: blesec(7) "at most 120 seconds" */
#define SECRET_ANSWER_S 120

/* Seconds for the TPM; man: blesec(7) "wait 60 seconds for a TPM" */
#define TPM_WAIT_S 60
/* To load the key; man: blesec-serve(1) "which takes 30 seconds at most" */
#define SIGNER_START_MS (30 * 1000)
/* Signatures; man: blesec-security(7) "10 times a second for all sessions" */
#define SIGN_PER_SECOND 10
/* Signatures at once; man: blesec-security(7) "after a burst of 32" */
#define SIGN_BURST 32

/* Peers at a time; man: blesec-serve(1) "the default is 64" */
#define SERVE_PEERS 64
/* For a session; man: blesec-connect(1) "secured; the default is 30" */
#define SESSION_TIMEOUT_MS (30 * 1000)
/* For a link; man: blesec-connect(1) "including scanning; the default is 30" */
#define CONNECT_TIMEOUT_MS (30 * 1000)
/* Seconds, either; man: blesec-connect(1) "is 30, the maximum 3600" */
#define TIMEOUT_MAX_S 3600
/* Seconds to the next attempt; man: blesec-connect(1) "1, 2, 4 \&... 60 seconds" */
#define CONNECT_BACKOFF_MAX_S 60
/* The same, a gateway's; man: blesec-serve(1) "after half a minute at most" */
#define GATEWAY_BACKOFF_MAX_S 30

/* To be heard of; man: blesec-protocol(7) "sent no segment for 10 seconds" */
#define SESSION_HEARTBEAT_MS (10 * 1000)
/* To be dead; man: blesec-protocol(7) "has received none for 30 seconds" */
#define SESSION_SILENCE_MS (30 * 1000)
/* For BYE's answer; man: blesec-protocol(7) "waits two seconds for the answer" */
#define SESSION_GOODBYE_MS (2 * 1000)

/* For one that is slow; man: blesec-serve(1) "delays the others for 10 seconds" */
#define LINES_LAG_MS (10 * 1000)
/* The same with a profile; man: blesec-profile(5) "waits for ten seconds" */
#define GATT_LAG_MS (10 * 1000)
/* A profile's program; man: blesec-profile(5) "A program has ten seconds" */
#define GATT_RUN_MS (10 * 1000)
/* An ATT request to a peripheral; man: blesec-serve(1) "for up to 20 seconds" */
#define GATEWAY_HOLD_MS (20 * 1000)
/* An indication; man: blesec-serve(1) "confirmed it, or after ten seconds" */
#define GATEWAY_CONFIRM_MS (10 * 1000)
/* To execute; man: blesec-serve(1) "prepared writes, for ten seconds at most" */
#define GATEWAY_PREPARED_MS (10 * 1000)
/* To be paired; man: blesec-serve(1) "not finished within 45 seconds" */
#define PAIRING_REQUIRED_MS (45 * 1000)
/* From SIGTERM to SIGKILL; man: blesec-serve(1) "SIGKILL two seconds later" */
#define COMMAND_TERM_MS (2 * 1000)
/* Days; man: blesec(7) "expires within 30 days" */
#define IDENTITY_WARN_DAYS 30

/* Without a change; man: blesec-serve(1) "nothing has changed for a second" */
#define DIR_WATCH_SETTLE_MS (1 * 1000)
/* With changes; man: blesec-serve(1) "or after ten seconds of changes" */
#define DIR_WATCH_LONGEST_MS (10 * 1000)

#endif
