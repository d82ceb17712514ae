/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who answers when pairing needs a person: what was given beforehand, or the
 * person at the terminal.
 */
#ifndef BLESEC_AGENT_H
#define BLESEC_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"

enum agent_confirm {
	AGENT_ASK,
	AGENT_YES,
	AGENT_NO,
};

struct agent {
	enum agent_confirm confirm;
	long passkey;		/* -1: ask */
	struct loop *loop;
	void (*on_confirm)(bool yes, void *arg);
	void (*on_passkey)(long passkey, void *arg);
	void *arg;
	/* Its own. */
	int terminal;		/* 0: not open */
	bool wants_passkey;
};

/* "yes", "no" or "ask"; false if it is none. */
bool agent_parse(struct agent *agent, const char *text);

/*
 * Are the numbers on both devices this one?  on_confirm follows, perhaps at
 * once: without a terminal to ask on, it is no.
 */
void agent_confirm(struct agent *agent, uint32_t number);

/* What does the peer display?  on_passkey follows; -1 if nobody knows. */
void agent_passkey(struct agent *agent);

void agent_stop(struct agent *agent);

#endif
