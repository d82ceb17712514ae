/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Run a command for each peer; its stdin and stdout carry the session. */
#include "config.h"
#include "hub/hub-part.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "process/command.h"
#include "base/input.h"
#include "base/limits.h"

#define EXIT_MS 1000		/* from the end of its output to its exit */

struct command {
	struct command *next;	/* in struct joins, ending */
	struct hub *hub;
	struct peer *peer;	/* NULL: the peer is gone */
	struct command_process process;
	struct input *input;	/* the command's output; NULL: it could not
				 * be run */
	struct output *output;	/* the command's stdin; NULL: closed */
	const uint8_t *message;
	size_t message_len;
	bool ended, failed;
	bool lingers;		/* EXIT_MS have passed since its output ended */
	struct loop_timer kill;	/* or, while it has a peer, to set lingers */
};

struct joins {
	struct command *ending;	/* got SIGTERM because their peer is gone */
};

/* State kept for each peer. */
struct joined {
	struct command *command;	/* NULL: not started yet, or gone */
};

static struct command *command_of(const struct peer *peer)
{
	return ((const struct joined *)peer->carried)->command;
}

static void join_close_pipes(struct command *command)
{
	if (command->input)
		input_free(command->input);
	if (command->output)
		output_free(command->output, 0);
	command->input = NULL;
	command->output = NULL;
	command_close_input(&command->process);
	command_close_output(&command->process);
}

static void join_release(struct command *command, int ms)
{
	join_close_pipes(command);
	if (command->process.pidfd >= 0)
		loop_unwatch(command->hub->loop, command->process.pidfd);
	loop_cancel(command->hub->loop, &command->kill);
	if (ms)
		command_reap(&command->process, ms);
	else
		command_kill(&command->process, command->hub->loop);
	free(command);
}

static void join_unlist(struct command *command)
{
	struct joins *joins = command->hub->carried;
	struct command **at = &joins->ending;

	while (*at != command)
		at = &(*at)->next;
	*at = command->next;
}

static void join_kill(void *arg)
{
	struct command *command = arg;

	join_unlist(command);
	join_release(command, 0);
}

static void join_start(struct hub *hub)
{
	hub->carried = calloc(1, sizeof(struct joins));
	if (!hub->carried)
		die(STATUS_OTHER, "out of memory");
}

static void join_stop(struct hub *hub)
{
	struct joins *joins = hub->carried;

	while (joins->ending) {
		struct command *command = joins->ending;

		joins->ending = command->next;
		join_release(command, COMMAND_TERM_MS);
	}
	free(joins);
}

/* The process has ended; its output may still be on its way. */
static void join_on_exit(short ready, void *arg)
{
	struct command *command = arg;
	struct hub *hub = command->hub;
	json_t *more;
	int status;

	(void)ready;
	loop_unwatch(hub->loop, command->process.pidfd);
	if (!command->peer) {
		join_kill(command);
		return;
	}
	waitpid(command->process.pid, &status, 0);
	/* From now on another process may have this pid. */
	command->process.pid = 0;
	command->ended = true;
	command->failed = status != 0;
	if (WIFSIGNALED(status))
		more = json_pack("{s:o}", "signal", json_sprintf("SIG%s",
				 sigabbrev_np(WTERMSIG(status))));
	else
		more = json_pack("{s:i}", "status", WEXITSTATUS(status));
	peer_event(command->peer, "command", more);
	if (status)
		diag_error("%s: the command ended with %s",
			   command->peer->address,
			   command_status_words(status));
	hub_feed(hub);
}

static void join_on_pipe(void *arg)
{
	struct command *command = arg;

	hub_feed(command->hub);
}

static void join_run(struct peer *peer)
{
	struct hub *hub = peer->hub;
	struct peer_variables variables;
	struct command *command = calloc(1, sizeof(*command));

	if (!command)
		die(STATUS_OTHER, "out of memory");
	command->hub = hub;
	command->peer = peer;
	((struct joined *)peer->carried)->command = command;
	if (command_run(&command->process, hub->set->command,
			peer_variables(peer, &variables))) {
		command->ended = command->failed = true;
		peer_close(peer, REASON_ERROR);
		return;
	}
	command->input = input_new(hub->loop, command->process.from,
				   "the command's stdout", !hub->set->lines,
				   join_on_pipe, command);
	command->output = output_new(hub->loop, command->process.to,
				     join_on_pipe, command);
	loop_watch(hub->loop, command->process.pidfd, POLLIN, join_on_exit,
		   command);
}

static bool join_message(struct peer *peer, const uint8_t *body, size_t len)
{
	struct command *command;

	if (!command_of(peer))
		join_run(peer);
	command = command_of(peer);
	if (!command->output || output_broken(command->output))
		return false;
	output_write(command->output, body, len);
	if (peer->hub->set->lines)
		output_write(command->output, "\n", 1);
	return true;
}

/* Send the peer what the command writes. */
static void join_send(struct peer *peer, struct command *command)
{
	while (peer_ready(peer) && command->input) {
		if (peer->owed && !peer_send(peer, command->message,
					     command->message_len))
			break;
		peer->owed = input_next(command->input, &command->message,
					&command->message_len);
		if (!peer->owed)
			break;
		peer->sent++;
		hub_expect_message(peer->hub);
	}
	if (!command->input)
		return;
	if (input_ended(command->input) && !peer->owed)
		peer_end(peer);
	input_want(command->input, peer_ready(peer) && !peer->owed);
}

static void join_linger(void *arg)
{
	struct command *command = arg;

	command->lingers = true;
	hub_feed(command->hub);
}

static void join_feed(struct hub *hub)
{
	for (struct peer *peer = hub->peers; peer; peer = peer->next) {
		struct command *command;

		if (!command_of(peer) && peer_ready(peer) && !hub->stopping)
			join_run(peer);
		command = command_of(peer);
		if (!command)
			continue;
		join_send(peer, command);
		if (command->output && peer->ended &&
		    output_empty(command->output)) {
			output_free(command->output, 0);
			command->output = NULL;
			command_close_input(&command->process);
		}
		if (peer->answering && peer->ended && peer->end_told &&
		    !command->kill.armed && !command->lingers)
			loop_after(hub->loop, &command->kill, EXIT_MS,
				   join_linger, command);
	}
}

static bool join_full(const struct peer *peer)
{
	return command_of(peer) && command_of(peer)->output &&
	       output_full(command_of(peer)->output);
}

static bool join_flushed(const struct peer *peer)
{
	const struct command *command = command_of(peer);

	if (!command || command->ended)
		return true;
	/* The command is about to exit: its status is worth waiting for. */
	if (peer->ended && peer->end_told)
		return command->lingers;
	return !command->output || output_empty(command->output);
}

static bool join_over(const struct peer *peer)
{
	return command_of(peer) && command_of(peer)->ended && peer->end_told;
}

static const char *join_missing(const struct peer *peer)
{
	/* A command may exit at any time. */
	if (!command_of(peer) || command_of(peer)->ended)
		return NULL;
	return "the command has ended";
}

static void join_closed(struct peer *peer)
{
	struct joins *joins = peer->hub->carried;
	struct command *command = command_of(peer);

	if (!command)
		return;
	((struct joined *)peer->carried)->command = NULL;
	peer->failed = command->failed;
	command->peer = NULL;
	if (command->ended) {
		join_release(command, 0);
		return;
	}
	join_close_pipes(command);
	command_signal(&command->process, SIGTERM);
	command->next = joins->ending;
	joins->ending = command;
	loop_after(peer->hub->loop, &command->kill, COMMAND_TERM_MS, join_kill,
		   command);
}

const struct carry carry_command = {
	.peer_size = sizeof(struct joined),
	.start = join_start, .stop = join_stop, .message = join_message,
	.feed = join_feed,
	.full = join_full, .flushed = join_flushed, .over = join_over,
	.missing = join_missing, .closed = join_closed,
};
