/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pairing agent: answers the kernel's questions from options that were
 * given beforehand, or by asking the user at the terminal.
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
	/* Private. */
	int terminal;		/* 0: not open */
	bool wants_passkey;
};

/* Parse "yes", "no" or "ask" into agent->confirm; false for other text. */
bool agent_parse(struct agent *agent, const char *text);

/*
 * Find out whether both devices show this number, and call on_confirm, possibly
 * before this returns.  Without a terminal to ask on, the answer is no.
 */
void agent_confirm(struct agent *agent, uint32_t number);

/* Find out the passkey that the peer displays, and call on_passkey, possibly
 * before this returns; -1 if there is no valid answer. */
void agent_passkey(struct agent *agent);

/* Close the terminal; a question that is open is not answered. */
void agent_stop(struct agent *agent);

#endif
