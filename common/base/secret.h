/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passwords of keys and of the TPM's owner hierarchy.  They are never
 * arguments: they come from the terminal, a file or the environment.
 */
#ifndef BLESEC_SECRET_H
#define BLESEC_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/limits.h"

struct secret {
	const char *option;	/* such as "--key-auth"; NULL: not given */
	const char *source;	/* as the user typed it, borrowed */
	bool forgotten;		/* secret_forget was called */
	char text[SECRET_MAX + 1];	/* empty: not read yet, or wiped */
};

/*
 * Take the value of an option: "ask", "file:FILE" or "env:VARIABLE".  A
 * variable is read and wiped from the environment at once, so that no child
 * gets it and /proc/PID/environ does not show it.  Exits with STATUS_USAGE if
 * the value is none of these, and with STATUS_IDENTITY if there is no such
 * variable.
 */
void secret_option(struct secret *secret, const char *option,
		   const char *source);

/*
 * Read the password, unless it has been read or the option was not given.
 * "ask" prompts "Password of WHAT" on the controlling terminal, never on stdin,
 * without echo, for at most 120 seconds; a new password is asked for twice.
 * After secret_forget, only a password in a file can be read again.  Returns
 * STATUS_OK, or STATUS_IDENTITY or STATUS_TIMEOUT after saying why.
 */
enum status secret_get(struct secret *secret, const char *what, bool is_new);

/* The password, or NULL if there is none; borrowed. */
const char *secret_text(const struct secret *secret);

/* Wipe the password from memory. */
void secret_forget(struct secret *secret);

/*
 * Read the first line of a file that only its owner can read.  text has room
 * for size octets and receives a non-empty string.  Returns STATUS_OK, or
 * STATUS_IDENTITY after saying why.
 */
enum status secret_read_file(const char *path, char *text, size_t size);

#endif
