/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One question to an EST server and its answer, over HTTP. */
#ifndef BLESEC_EST_HTTP_H
#define BLESEC_EST_HTTP_H

#include "http/est-connect.h"

#define EST_REQUEST_S 60	/* for one request */

/*
 * GET operation, or POST the request (base64, a string) to it.  Redirects
 * within the origin are followed.  STATUS_OK: it has answered, whatever its
 * HTTP status; then http_answer_free.
 */
enum status est_ask(struct est *est, const char *operation, const char *post,
		    struct http_answer *response);

/* Say what its HTTP status means for us, with what it says itself. */
enum status est_refused(const char *operation,
			const struct http_answer *response);

/* Seconds until the deadline, rounded down; 0 if it has passed. */
long est_time_left(const struct est *est);

#endif
