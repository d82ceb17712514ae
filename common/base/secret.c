/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/read-file.h"

#define SLICE_MS 200

static void take_variable(struct secret *secret, const char *name)
{
	char *value = getenv(name);
	size_t n = value ? strlen(value) : 0;

	if (!n || n > SECRET_MAX)
		die(STATUS_IDENTITY, "%s `%s': the variable is %s",
		    secret->option, secret->source, !value ? "not set" :
		    n ? "too long" : "empty");
	memcpy(secret->text, value, n + 1);
	/* unsetenv alone would leave it in /proc/PID/environ. */
	OPENSSL_cleanse(value, n);
	unsetenv(name);
}

void secret_option(struct secret *secret, const char *option,
		   const char *source)
{
	*secret = (struct secret){ .option = option, .source = source };
	if (!strncmp(source, "env:", 4) && source[4])
		take_variable(secret, source + 4);
	else if (strcmp(source, "ask") &&
		 (strncmp(source, "file:", 5) || !source[5]))
		/* Do not print the value: it may be the password itself. */
		die(STATUS_USAGE, "bad value of %s: ask, file:FILE or "
		    "env:VARIABLE is wanted, never the password itself",
		    option);
}

enum status secret_read_file(const char *path, char *text, size_t size)
{
	enum status status = STATUS_IDENTITY;
	struct stat st;
	ssize_t n = read_file(path, text, size, &st);

	if (!st.st_mode)
		diag_error("cannot open the password file `%s': %s", path,
			   strerror(errno));
	else if (!S_ISREG(st.st_mode))
		diag_error("the password file `%s' is not a file", path);
	else if (st.st_mode & 077)
		diag_error("the password file `%s' is open to others (mode "
			   "%04o) and is not used; chmod 600 it", path,
			   (unsigned int)st.st_mode & 07777);
	else if (n < 0)
		diag_error("cannot read the password file `%s': %s", path,
			   strerror(errno));
	else if (n == 0 || *text == '\r' || *text == '\n')
		diag_error("the password file `%s' is empty", path);
	else if (n == (ssize_t)size && !memchr(text, '\n', size))
		diag_error("the password file `%s' is too long", path);
	else if (memchr(text, '\0', (size_t)n))
		diag_error("the password file `%s' is not text", path);
	else
		status = STATUS_OK;
	if (status) {
		OPENSSL_cleanse(text, size);
	} else {
		char *end = memchr(text, '\n', (size_t)n);

		if (end == NULL)
			end = text + n;
		*end = '\0';
		text[strcspn(text, "\r")] = '\0';
		OPENSSL_cleanse(end, (size_t)(text + size - end));
	}
	return status;
}

/*
 * Read a line from the terminal.  Returns its length, or -1 if none came in
 * time.
 */
static int read_line(int tty, char *text)
{
	struct pollfd polled = { .fd = tty, .events = POLLIN };
	sigset_t pending;
	ssize_t n;

	for (int ms = 0; ms < 1000 * SECRET_ANSWER_S; ms += SLICE_MS) {
		if (poll(&polled, 1, SLICE_MS) > 0) {
			n = read(tty, text, SECRET_MAX + 1);
			/*
			 * The newline is part of the line; without one, the
			 * input ended or was cut.
			 */
			if (n <= 0 || text[n - 1] != '\n')
				return n > SECRET_MAX ? SECRET_MAX + 1 : 0;
			text[n - 1] = '\0';
			return (int)n - 1;
		}
		if (sigpending(&pending) == 0 && !sigisemptyset(&pending))
			return -1;
	}
	return -1;
}

/* Like read_line, but blocks signals until the terminal is restored. */
static int secret_ask(int tty, const char *prompt, char *text)
{
	struct termios was, quiet;
	sigset_t blocked, mask;
	int n;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGQUIT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGTSTP);
	sigprocmask(SIG_BLOCK, &blocked, &mask);
	if (tcgetattr(tty, &was) < 0) {
		sigprocmask(SIG_SETMASK, &mask, NULL);
		return -1;
	}
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ICANON | ISIG;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	dprintf(tty, "%s: ", prompt);
	n = read_line(tty, text);
	dprintf(tty, "\n");
	tcsetattr(tty, TCSAFLUSH, &was);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return n;
}

static enum status ask_terminal(struct secret *secret, const char *what,
				bool is_new)
{
	char prompt[400], again[SECRET_MAX + 1] = "";
	enum status status = STATUS_IDENTITY;
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), n;

	if (tty < 0) {
		diag_error("%s ask: there is no terminal to ask: %s; give "
			   "file:FILE or env:VARIABLE", secret->option,
			   strerror(errno));
		return STATUS_IDENTITY;
	}
	snprintf(prompt, sizeof(prompt), "%s of %s", is_new ? "New password" :
		 "Password", what);
	n = secret_ask(tty, prompt, secret->text);
	if (n > 0 && n <= SECRET_MAX && is_new)
		secret_ask(tty, "Once more", again);
	if (n < 0) {
		diag_error("%s ask: no password within %d s", secret->option,
			   SECRET_ANSWER_S);
		status = STATUS_TIMEOUT;
	} else if (!n) {
		diag_error("%s ask: no password was given", secret->option);
	} else if (n > SECRET_MAX) {
		diag_error("%s ask: a password has at most %d octets",
			   secret->option, SECRET_MAX);
	} else if (is_new && strcmp(secret->text, again)) {
		diag_error("%s ask: the two passwords differ; nothing was "
			   "done", secret->option);
	} else {
		status = STATUS_OK;
	}
	OPENSSL_cleanse(again, sizeof(again));
	close(tty);
	return status;
}

enum status secret_get(struct secret *secret, const char *what, bool is_new)
{
	enum status status;

	if (!secret->option || secret->text[0])
		return STATUS_OK;
	if (secret->forgotten && strncmp(secret->source, "file:", 5)) {
		diag_error("the password of `%s' is not known: %s %s was read "
			   "at the start and forgotten; start again, or give "
			   "it with file:FILE", what, secret->option,
			   secret->source);
		return STATUS_IDENTITY;
	}
	if (!strcmp(secret->source, "ask"))
		status = ask_terminal(secret, what, is_new);
	else
		status = secret_read_file(secret->source + strlen("file:"),
					  secret->text, sizeof(secret->text));
	if (status)
		secret_forget(secret);
	return status;
}

const char *secret_text(const struct secret *secret)
{
	return secret && secret->text[0] ? secret->text : NULL;
}

void secret_forget(struct secret *secret)
{
	secret->forgotten = secret->option;
	OPENSSL_cleanse(secret->text, sizeof(secret->text));
}
