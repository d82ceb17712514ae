/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/diag.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

static const char *program = "blesec";
static int wanted = DIAG_WARN;
static void (*sink_fn)(enum diag_level, const char *, void *);
static void *sink_arg;
static char *captured;
static size_t captured_size;

/*
 * If we were started with one of these closed, the next file we open would take
 * its number.  Open /dev/null there: stdin is then at its end, and writing to
 * stdout fails.
 */
static void keep_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY
							  : O_RDWR) != fd)
			_exit(STATUS_OTHER);
}

void diag_init(const char *name)
{
	const char *slash = strrchr(name, '/');

	keep_standard_fds();
	program = slash ? slash + 1 : name;
	/*
	 * An OpenSSL configuration file may make the TPM serve all of this
	 * process, peers included.
	 */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

void diag_verbosity(int step)
{
	wanted += step;
	if (wanted < DIAG_ERROR)
		wanted = DIAG_ERROR;
}

int diag_wants(enum diag_level level)
{
	return (int)level <= wanted;
}

void diag_sink(void (*fn)(enum diag_level, const char *, void *), void *arg)
{
	sink_fn = fn;
	sink_arg = arg;
}

void diag_capture(char *text, size_t size)
{
	captured = text;
	captured_size = size;
	if (text)
		*text = '\0';
}

void diag_say(enum diag_level level, const char *text)
{
	char line[1200];
	int n;

	if (!diag_wants(level))
		return;
	if (captured && level == DIAG_ERROR) {
		if (!*captured)
			snprintf(captured, captured_size, "%s", text);
		return;
	}
	if (sink_fn) {
		sink_fn(level, text, sink_arg);
		return;
	}
	n = snprintf(line, sizeof(line) - 1, "%s: %s%s", program,
		     level == DIAG_WARN ? "warning: " : "", text);
	if (n < 0)
		return;
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	for (int i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	/* Write each line at once: lines of several processes do not mix. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

__attribute__((format(printf, 2, 0)))
static void vsay(enum diag_level level, const char *fmt, va_list ap)
{
	char text[1024];

	if (!diag_wants(level))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	diag_say(level, text);
}

#define SAY(name, level)                                                      \
	void name(const char *fmt, ...)                                       \
	{                                                                     \
		va_list ap;                                                   \
                                                                              \
		va_start(ap, fmt);                                            \
		vsay(level, fmt, ap);                                         \
		va_end(ap);                                                   \
	}

SAY(diag_error, DIAG_ERROR)
SAY(diag_warn, DIAG_WARN)
SAY(diag_info, DIAG_INFO)
SAY(diag_debug, DIAG_DEBUG)

void diag_openssl(const char *fmt, ...)
{
	char text[800];
	const char *reason, *data = "";
	int flags = 0;
	unsigned long err = ERR_get_error_all(NULL, NULL, NULL, &data, &flags);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	reason = err ? ERR_reason_error_string(err) : NULL;
	if (!(flags & ERR_TXT_STRING))
		data = "";
	if (reason)
		diag_error("%s: %s%s%s", text, reason, *data ? ": " : "", data);
	else
		diag_error("%s", text);
	ERR_clear_error();
}

void die(enum status status, const char *fmt, ...)
{
	va_list ap;

	captured = NULL;
	va_start(ap, fmt);
	vsay(DIAG_ERROR, fmt, ap);
	va_end(ap);
	exit((int)status);
}
