/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How an EST server is reached and trusted, and who we are to it: turns the
 * settings into a libcurl handle.
 */
#ifndef BLESEC_EST_CONNECT_H
#define BLESEC_EST_CONNECT_H

#include <stdint.h>

#include "http/est.h"
#include "http/http.h"

struct est {
	struct http http;
	const struct est_settings *settings;
	char *base;		/* https://HOST/.well-known/est, the label */
	uint64_t deadline;	/* as loop_now */
	int alert;		/* fatal, from the server; -1: none */
};

/* Set est->base and est->http; returns as the functions of est.h. */
enum status est_connect(struct est *est);

#endif
