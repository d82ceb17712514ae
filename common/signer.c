/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "signer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/evp.h>

#include "child.h"
#include "key.h"
#include "loop.h"
#include "signer-request.h"

#define START_MS 30000
#define SESSIONS_MAX 256
#define BURST 32
#define REFILL_US 100000
#define SPKI_MAX 256

/* What the new process says first. */
struct hello {
	uint32_t status;
	uint32_t len;
	uint8_t spki[SPKI_MAX];
};

struct service {
	enum role role;
	struct key *key;
	int sessions[SESSIONS_MAX];
	size_t used, turn;
	unsigned int tokens;
	uint64_t filled;	/* when the last token was added */
};

static void drop(struct service *service, size_t i)
{
	close(service->sessions[i]);
	service->sessions[i] = service->sessions[--service->used];
}

/* One request of one session; false when the key is lost. */
static bool serve(struct service *service, size_t i)
{
	struct signer_reply reply = { .status = STATUS_REFUSED };
	uint8_t tbs[SIGNER_REQUEST_MAX + 1];
	ssize_t n = recv(service->sessions[i], tbs, sizeof(tbs), MSG_DONTWAIT);
	uint64_t start = loop_now();
	size_t len;

	if (n > 0 && signer_request_valid(service->role, tbs, (size_t)n)) {
		service->tokens--;
		reply.status = key_sign(service->key, tbs, (size_t)n,
					reply.signature, &len);
		reply.microseconds = (uint32_t)(loop_now() - start);
		reply.len = reply.status ? 0 : (uint32_t)len;
		diag_debug("signer: signed in %u us", reply.microseconds);
	} else if (n > 0) {
		diag_warn("signer: a session asks to sign what is not a "
			  "CertificateVerify of its role: refused");
	}
	if (n > 0 && send(service->sessions[i], &reply, sizeof(reply),
			  MSG_NOSIGNAL) < 0)
		diag_debug("signer: the session is gone");
	drop(service, i);
	return reply.status != STATUS_TPM;
}

static void refill(struct service *service)
{
	uint64_t now = loop_now();
	uint64_t earned = (now - service->filled) / REFILL_US;

	if (service->tokens + earned >= BURST) {
		service->tokens = BURST;
		service->filled = now;
	} else {
		service->tokens += (unsigned int)earned;
		service->filled += earned * REFILL_US;
	}
}

static void accept_session(struct service *service, int fd)
{
	if (service->used == SESSIONS_MAX)
		close(fd);
	else
		service->sessions[service->used++] = fd;
}

/*
 * The first session that is ready, from where the last turn ended.  One that
 * has gone is dropped, whatever it asked: nobody waits for the answer.
 */
static bool serve_in_turn(struct service *service, const struct pollfd *polled)
{
	for (size_t k = 0; k < service->used; k++) {
		size_t i = (service->turn + k) % service->used;

		if (!polled[i].revents)
			continue;
		if (polled[i].revents & (POLLHUP | POLLERR)) {
			drop(service, i);
			return true;
		}
		service->turn = i;
		return serve(service, i);
	}
	return true;
}

static int run(struct service *service, int control)
{
	struct pollfd polled[SESSIONS_MAX + 1];

	for (;;) {
		nfds_t n = (nfds_t)service->used;

		refill(service);
		for (size_t i = 0; i < service->used; i++)
			polled[i] = (struct pollfd){
				.fd = service->sessions[i],
				.events = service->tokens ? POLLIN : 0,
			};
		polled[n] = (struct pollfd){ .fd = control, .events = POLLIN };
		if (poll(polled, n + 1, service->tokens ? -1 : 100) < 0)
			continue;
		if (!serve_in_turn(service, polled))
			return STATUS_TPM;
		if (polled[n].revents) {
			int fd = child_receive_fd(control);

			if (fd < 0)
				return STATUS_OK;
			accept_session(service, fd);
		}
	}
}

/* The process: never returns. */
_Noreturn static void signer_process(const struct signer *signer, int control)
{
	struct service service = {
		.role = signer->role, .tokens = BURST, .filled = loop_now(),
	};
	struct hello hello = { 0 };
	unsigned char *p = hello.spki;
	int len, status;

	child_settle("blesec-signer", &control, 1);
	hello.status = key_load(signer->key, &service.key);
	if (!hello.status) {
		len = i2d_PUBKEY(key_public(service.key), NULL);
		if (len > 0 && len <= SPKI_MAX)
			hello.len = (uint32_t)i2d_PUBKEY(
				key_public(service.key), &p);
	}
	if (send(CHILD_FD, &hello, sizeof(hello), MSG_NOSIGNAL) < 0 ||
	    hello.status)
		_exit((int)hello.status);
	status = run(&service, CHILD_FD);
	key_free(service.key);
	child_exit(status);
}

static enum status check_hello(const struct signer *signer,
			       const struct hello *hello)
{
	unsigned char spki[SPKI_MAX], *p = spki;
	X509_PUBKEY *wanted = X509_get_X509_PUBKEY(signer->cert);
	int len;

	if (hello->status)
		return (enum status)hello->status;
	len = i2d_X509_PUBKEY(wanted, NULL);
	if (len > 0 && len <= SPKI_MAX && (uint32_t)len == hello->len &&
	    i2d_X509_PUBKEY(wanted, &p) == len &&
	    !memcmp(spki, hello->spki, (size_t)len))
		return STATUS_OK;
	diag_error("the key `%s' is not that of the certificate beside it; "
		   "install the certificate made for this key", signer->key);
	return STATUS_IDENTITY;
}

static enum status start(struct signer *signer)
{
	struct hello hello;
	struct pollfd polled;
	enum status status = STATUS_OTHER;
	int pair[2];
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		diag_error("cannot make a socket pair: %s", strerror(errno));
		return STATUS_OTHER;
	}
	signer->pid = fork();
	if (signer->pid == 0)
		signer_process(signer, pair[1]);
	close(pair[1]);
	signer->control = pair[0];
	if (signer->pid < 0) {
		signer->pid = 0;
		diag_error("cannot start the signer: %s", strerror(errno));
		goto fail;
	}
	polled = (struct pollfd){ .fd = pair[0], .events = POLLIN };
	if (poll(&polled, 1, START_MS) == 0) {
		diag_error("the key `%s' did not load within %d s", signer->key,
			   START_MS / 1000);
		kill(signer->pid, SIGKILL);
		status = STATUS_TIMEOUT;
		goto fail;
	}
	n = recv(pair[0], &hello, sizeof(hello), 0);
	if (n != sizeof(hello)) {
		diag_error("the signer ended while it loaded `%s'",
			   signer->key);
		goto fail;
	}
	status = check_hello(signer, &hello);
	if (!status)
		return STATUS_OK;
fail:
	signer_stop(signer);
	return status;
}

enum status signer_start(struct signer *signer, enum role role,
			 const char *key, X509 *cert)
{
	*signer = (struct signer){ .role = role, .key = key, .cert = cert };
	return start(signer);
}

enum status signer_open(struct signer *signer, int *fd)
{
	int pair[2], flags = SOCK_SEQPACKET | SOCK_CLOEXEC;
	enum status status;

	if (socketpair(AF_UNIX, flags, 0, pair) < 0) {
		diag_error("cannot make a socket pair: %s", strerror(errno));
		return STATUS_OTHER;
	}
	if (!signer->pid || child_send_fd(signer->control, pair[1]) < 0) {
		signer_stop(signer);
		status = start(signer);
		if (status || child_send_fd(signer->control, pair[1]) < 0) {
			close(pair[0]);
			close(pair[1]);
			return status ? status : STATUS_OTHER;
		}
	}
	close(pair[1]);
	*fd = pair[0];
	return STATUS_OK;
}

void signer_stop(struct signer *signer)
{
	if (signer->control > 0)
		close(signer->control);
	signer->control = -1;
	if (signer->pid > 0)
		child_reap(signer->pid, 2000);
	signer->pid = 0;
}
