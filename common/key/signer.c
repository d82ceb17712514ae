/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "key/signer.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/evp.h>

#include "process/child.h"
#include "key/key.h"
#include "base/limits.h"
#include "base/loop.h"
#include "process/sandbox.h"
#include "key/sign-limit.h"
#include "key/signer-request.h"
#include "key/tpm.h"

#define SESSIONS_MAX 256

/* The first message from the new process. */
struct hello {
	uint32_t status;
	char fault[1024];	/* only if status is not 0 */
};

struct client {
	int fd;
	uint64_t from;
};

struct service {
	const struct signer *signer;
	struct key *key;	/* NULL: the TPM has failed */
	struct client sessions[SESSIONS_MAX];
	size_t used, turn;
	struct sign_limit limit;
	bool retired;		/* accepts no new sessions */
	bool confined;		/* sandboxed: the TPM cannot be opened again */
};

static void signer_drop(struct service *service, size_t i)
{
	close(service->sessions[i].fd);
	service->sessions[i] = service->sessions[--service->used];
}

static enum status signer_load(struct service *service)
{
	const struct signer *signer = service->signer;
	enum status status = key_load(signer->key, signer->auth,
				      &service->key);

	if (status || EVP_PKEY_eq(key_public(service->key),
				  X509_get0_pubkey(signer->cert)) == 1)
		return status;
	diag_error("the key `%s' is not that of the certificate beside it; "
		   "install the certificate made for this key", signer->key);
	return STATUS_IDENTITY;
}

static enum status signer_sign(struct service *service, const uint8_t *tbs,
			       size_t n, struct signer_reply *reply)
{
	enum status status = service->key ? STATUS_OK : signer_load(service);
	size_t len = 0;

	if (!status)
		status = key_sign(service->key, tbs, n, reply->signature, &len);
	reply->len = status ? 0 : (uint32_t)len;
	if (status) {
		key_free(service->key);
		service->key = NULL;
	}
	return status;
}

/*
 * Serve one request of one session.  False if the key does not sign and cannot
 * be loaded again: a new process may be able to, with memory or the TPM back.
 */
static bool signer_serve(struct service *service, size_t i)
{
	struct signer_reply reply = { .status = STATUS_REFUSED };
	uint8_t tbs[SIGNER_REQUEST_MAX + 1];
	const struct client *client = &service->sessions[i];
	ssize_t n = recv(client->fd, tbs, sizeof(tbs), MSG_DONTWAIT);
	uint64_t start = loop_now();

	if (n > 0 && signer_request_valid(service->signer->role, tbs,
					  (size_t)n)) {
		sign_limit_spend(&service->limit, client->from, start);
		reply.status = signer_sign(service, tbs, (size_t)n, &reply);
		reply.microseconds = (uint32_t)(loop_now() - start);
		diag_debug("signer: signed in %u us", reply.microseconds);
	} else if (n > 0) {
		diag_warn("signer: refused to sign something other than a "
			  "CertificateVerify of the session's role");
	}
	if (n > 0 && send(client->fd, &reply, sizeof(reply),
			  MSG_NOSIGNAL) < 0)
		diag_debug("signer: the session is gone");
	signer_drop(service, i);
	return !reply.status || reply.status == STATUS_REFUSED ||
	       (reply.status == STATUS_TPM && !service->confined);
}

static void accept_session(struct service *service, int fd, uint64_t from)
{
	if (service->used == SESSIONS_MAX)
		close(fd);
	else
		service->sessions[service->used++] =
			(struct client){ fd, from };
}

/*
 * Serve the next session that is ready, going on from the last turn.  A session
 * that has closed is dropped whatever it asked, as nobody waits for the answer.
 */
static bool serve_in_turn(struct service *service, const struct pollfd *polled)
{
	for (size_t k = 0; k < service->used; k++) {
		size_t i = (service->turn + k) % service->used;

		if (!polled[i].revents)
			continue;
		if (polled[i].revents & (POLLHUP | POLLERR)) {
			signer_drop(service, i);
			return true;
		}
		service->turn = i;
		return signer_serve(service, i);
	}
	return true;
}

/* True if a session must wait before it may ask again. */
static bool poll_sessions(struct service *service, struct pollfd *polled)
{
	uint64_t now = loop_now();
	bool waits = false;

	for (size_t i = 0; i < service->used; i++) {
		const struct client *client = &service->sessions[i];
		bool may = sign_limit_allows(&service->limit, client->from,
					     now);

		polled[i] = (struct pollfd){
			.fd = client->fd, .events = may ? POLLIN : 0,
		};
		waits = waits || !may;
	}
	return waits;
}

static int signer_run(struct service *service, int control)
{
	struct pollfd polled[SESSIONS_MAX + 1];

	for (;;) {
		nfds_t n = (nfds_t)service->used;
		bool waits = poll_sessions(service, polled);

		if (service->retired && !n)
			return STATUS_OK;
		polled[n] = (struct pollfd){
			.fd = control, .events = service->retired ? 0 : POLLIN,
		};
		if (poll(polled, n + 1, waits ? 100 : -1) < 0)
			continue;
		if (!serve_in_turn(service, polled))
			return STATUS_OTHER;
		if (polled[n].revents) {
			uint64_t from;
			int fd = child_receive_fd(control, &from);

			/*
			 * Retire if the parent shut the socket down, end if it
			 * closed the socket.
			 */
			if (fd >= 0)
				accept_session(service, fd, from);
			else if (polled[n].revents & POLLHUP)
				return STATUS_OK;
			else
				service->retired = true;
		}
	}
}

/*
 * Confine the process once the key is loaded.  A key behind a library or a
 * daemon needs more system calls than one in a file or in the kernel's TPM.
 */
static bool signer_confine(struct service *service)
{
	const bool elsewhere = key_in_tpm(service->key) ? !tpm_is_device() :
			       !key_path(service->signer->key);

	service->confined = !elsewhere;
	return sandbox_enter(elsewhere ? SANDBOX_KEY_OUTSIDE : SANDBOX_KEY);
}

/* The main function of the signer process; does not return. */
_Noreturn static void signer_process(const struct signer *signer, int control)
{
	struct service service = { .signer = signer };
	struct hello hello = { 0 };
	int status;

	child_settle("blesec-signer", &control, 1);
	sign_limit_start(&service.limit, loop_now());
	diag_capture(hello.fault, sizeof(hello.fault));
	hello.status = signer_load(&service);
	if (!hello.status && !signer_confine(&service))
		hello.status = STATUS_OTHER;
	diag_capture(NULL, 0);
	if (send(CHILD_FD, &hello, sizeof(hello), MSG_NOSIGNAL) < 0 ||
	    hello.status) {
		key_free(service.key);
		_exit((int)hello.status);
	}
	status = signer_run(&service, CHILD_FD);
	key_free(service.key);
	child_exit(status);
}

static enum status signer_launch(struct signer *signer)
{
	struct hello hello;
	struct pollfd polled;
	enum status status = secret_get(signer->auth, signer->key, false);
	int pair[2];
	ssize_t n;

	if (status)
		return status;
	status = STATUS_OTHER;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		diag_error("cannot make a socket pair: %s", strerror(errno));
		secret_forget(signer->auth);
		return STATUS_OTHER;
	}
	signer->pid = fork();
	if (signer->pid == 0)
		signer_process(signer, pair[1]);
	secret_forget(signer->auth);
	close(pair[1]);
	signer->control = pair[0];
	if (signer->pid < 0) {
		signer->pid = 0;
		diag_error("cannot start the signer: %s", strerror(errno));
		goto fail;
	}
	polled = (struct pollfd){ .fd = pair[0], .events = POLLIN };
	if (poll(&polled, 1, SIGNER_START_MS) == 0) {
		diag_error("the key `%s' did not load within %d s", signer->key,
			   SIGNER_START_MS / 1000);
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
	status = (enum status)hello.status;
	if (!status)
		return STATUS_OK;
	diag_error("%.*s", (int)sizeof(hello.fault) - 1, hello.fault);
fail:
	signer_stop(signer);
	return status;
}

enum status signer_start(struct signer *signer, enum role role,
			 const char *key, struct secret *auth, X509 *cert)
{
	*signer = (struct signer){
		.role = role, .key = key, .auth = auth, .cert = cert,
	};
	return signer_launch(signer);
}

enum status signer_open(struct signer *signer, uint64_t from, int *fd)
{
	int pair[2], flags = SOCK_SEQPACKET | SOCK_CLOEXEC;
	enum status status;

	if (socketpair(AF_UNIX, flags, 0, pair) < 0) {
		diag_error("cannot make a socket pair: %s", strerror(errno));
		return STATUS_OTHER;
	}
	if (!signer->pid ||
	    child_send_fd(signer->control, pair[1], from) < 0) {
		signer_stop(signer);
		/*
		 * A TPM counts wrong passwords: do not have it try this one
		 * again.
		 */
		status = signer->refused ? STATUS_IDENTITY
					 : signer_launch(signer);
		signer->refused = status == STATUS_IDENTITY;
		if (status ||
		    child_send_fd(signer->control, pair[1], from) < 0) {
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

struct signer_retired {
	struct signer_retired *next, **list;
	struct signer signer;
	struct loop *loop;
};

static void stop_retired(struct signer_retired *retired)
{
	struct signer_retired **at = retired->list;

	while (*at != retired)
		at = &(*at)->next;
	*at = retired->next;
	loop_unwatch(retired->loop, retired->signer.control);
	signer_stop(&retired->signer);
	free(retired);
}

static void on_retired(short ready, void *arg)
{
	(void)ready;
	stop_retired(arg);
}

void signer_retire(struct signer *signer, struct loop *loop,
		   struct signer_retired **list)
{
	struct signer_retired *retired = malloc(sizeof(*retired));

	if (!retired)
		die(STATUS_OTHER, "out of memory");
	*retired = (struct signer_retired){
		.next = *list, .list = list, .signer = *signer, .loop = loop,
	};
	*list = retired;
	signer->pid = 0;
	signer->control = -1;
	if (!retired->signer.pid ||
	    shutdown(retired->signer.control, SHUT_WR) < 0)
		stop_retired(retired);
	else
		loop_watch(loop, retired->signer.control, 0, on_retired,
			   retired);
}

void signer_stop_retired(struct signer_retired **list)
{
	while (*list) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): not listed then */
		stop_retired(*list);
	}
}
