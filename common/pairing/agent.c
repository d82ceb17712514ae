/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/diag.h"

bool agent_parse(struct agent *agent, const char *text)
{
	if (!strcmp(text, "yes"))
		agent->confirm = AGENT_YES;
	else if (!strcmp(text, "no"))
		agent->confirm = AGENT_NO;
	else if (!strcmp(text, "ask"))
		agent->confirm = AGENT_ASK;
	else
		return false;
	return true;
}

void agent_stop(struct agent *agent)
{
	if (!agent->terminal)
		return;
	loop_unwatch(agent->loop, agent->terminal);
	close(agent->terminal);
	agent->terminal = 0;
}

static void agent_answer(struct agent *agent, const char *line)
{
	char *end;
	long passkey = strtol(line, &end, 10);

	if (!agent->wants_passkey)
		agent->on_confirm(!strcasecmp(line, "yes"), agent->arg);
	else if (end == line || *end || passkey < 0 || passkey > 999999)
		agent->on_passkey(-1, agent->arg);
	else
		agent->on_passkey(passkey, agent->arg);
}

static void agent_on_line(short ready, void *arg)
{
	struct agent *agent = arg;
	char line[64];
	ssize_t n = read(agent->terminal, line, sizeof(line) - 1);

	(void)ready;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	agent_stop(agent);
	agent_answer(agent, line);
}

/* Ask on /dev/tty, because stdin may be a pipe.  Returns false if there is no
 * terminal. */
static bool agent_ask(struct agent *agent, const char *question)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (write(fd, question, strlen(question)) < 0) {
		close(fd);
		return false;
	}
	agent->terminal = fd;
	loop_watch(agent->loop, fd, POLLIN, agent_on_line, agent);
	return true;
}

void agent_confirm(struct agent *agent, uint32_t number)
{
	char question[80];

	agent_stop(agent);
	agent->wants_passkey = false;
	snprintf(question, sizeof(question),
		 "Do both devices show %06u? (yes/no) ", number);
	if (agent->confirm == AGENT_ASK && agent_ask(agent, question))
		return;
	if (agent->confirm == AGENT_ASK)
		diag_error("there is no terminal to ask on; --confirm yes or "
			   "no answers");
	agent->on_confirm(agent->confirm == AGENT_YES, agent->arg);
}

void agent_passkey(struct agent *agent)
{
	agent_stop(agent);
	agent->wants_passkey = true;
	if (agent->passkey >= 0 ||
	    !agent_ask(agent, "The passkey that the other device shows: "))
		agent->on_passkey(agent->passkey, agent->arg);
}
