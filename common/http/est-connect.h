/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How to reach and trust an EST server, and how to authenticate to it: turns
 * the settings into a libcurl handle.
 */
#ifndef BLESEC_EST_CONNECT_H
#define BLESEC_EST_CONNECT_H

#include <stdint.h>

#include "http/est.h"
#include "http/http.h"

struct est {
	struct http http;
	const struct est_settings *settings;
	char *base;		/* https://HOST/.well-known/est and the label */
	uint64_t deadline;	/* same clock as loop_now */
	int alert;		/* fatal alert from the server; -1: none */
};

/* Set est->base and est->http.  Returns a status as in est.h. */
enum status est_connect(struct est *est);

#endif
