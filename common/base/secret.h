/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Passwords of keys and of the TPM's owner.  They are never arguments: they
 * come from the terminal, a file or the environment.
 */
#ifndef BLESEC_SECRET_H
#define BLESEC_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/limits.h"

struct secret {
	const char *option;	/* as "--key-auth"; NULL: not given */
	const char *source;	/* as it was typed, borrowed */
	bool forgotten;		/* what cannot be read again */
	char text[SECRET_MAX + 1];	/* empty: not read, or forgotten */
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
 * Read the password, unless that is done or the option was not given.  For
 * "ask" this asks on the controlling terminal, never stdin, for "Password of
 * WHAT", without echo, for 120 seconds at most; twice if the password is new. 
 * Once forgotten, only a password in a file can be read again.  Returns
 * STATUS_OK, STATUS_IDENTITY or STATUS_TIMEOUT having said why.
 */
enum status secret_get(struct secret *secret, const char *what, bool is_new);

/* The text, or NULL if there is none; borrowed. */
const char *secret_text(const struct secret *secret);

/* Wipe it out of memory. */
void secret_forget(struct secret *secret);

/*
 * Read the first line of a file that only its owner can read.  text has size
 * octets and gets a string that is not empty.  Returns STATUS_OK, or
 * STATUS_IDENTITY having said why.
 */
enum status secret_read_file(const char *path, char *text, size_t size);

#endif
