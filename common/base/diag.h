/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Diagnostics for people, on stderr, and the exit statuses of all tools.
 *
 * A function that can fail says what failed where it failed, with diag_error,
 * and returns one of the statuses below; its callers only pass it on.
 */
#ifndef BLESEC_DIAG_H
#define BLESEC_DIAG_H

#include <stdarg.h>
#include <stddef.h>

/* blesec(7), EXIT STATUS. */
enum status {
	STATUS_OK = 0,
	STATUS_OTHER = 1,
	STATUS_USAGE = 2,
	STATUS_IDENTITY = 3,	/* identity or configuration */
	STATUS_PEER = 4,	/* the peer is not who it must be */
	STATUS_LINK = 5,
	STATUS_TPM = 6,
	STATUS_TIMEOUT = 7,
	STATUS_REFUSED = 8,	/* pairing or management refused */
};

enum diag_level {
	DIAG_ERROR = 0,
	DIAG_WARN,
	DIAG_INFO,		/* -v */
	DIAG_DEBUG,		/* -vv */
};

/*
 * Called first thing in main: names the program in every line, and keeps
 * OpenSSL from its configuration file.
 */
void diag_init(const char *program);

/*
 * Raise the verbosity by one (+1, for -v) or lower it (-1, for -q).  The
 * default is warnings.
 */
void diag_verbosity(int step);

/* True if messages of this level are printed. */
int diag_wants(enum diag_level level);

/*
 * Print one line, without a newline in the format.  Control characters are
 * replaced, so that text from a peer cannot drive a terminal.
 */
void diag_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void diag_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void diag_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void diag_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void diag_say(enum diag_level level, const char *text);

/*
 * Append the oldest error in OpenSSL's queue to the line, and clear the queue.
 */
void diag_openssl(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Send lines to sink instead of stderr; a confined process has no stderr. */
void diag_sink(void (*sink)(enum diag_level level, const char *text, void *arg),
	       void *arg);

/*
 * Clear text, then store the first error there and print none, until this is
 * called again with NULL.
 */
void diag_capture(char *text, size_t size);

/* Call diag_error, then exit. */
_Noreturn void die(enum status status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
