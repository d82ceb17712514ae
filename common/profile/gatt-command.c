/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "profile/gatt-command.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "att/att.h"
#include "process/command.h"
#include "base/input.h"
#include "base/limits.h"
#include "base/output.h"

#define TERM_MS 500
#define RESTART_MS 1000
#define TEXT_MAX 4096
/* A peer can write again without waiting for the program to end. */
#define RUNS_MAX 64
#define RUNS_OF_STRANGERS 16
#define RUNS_OF_PEER 4

static const struct command_variable no_variables[] = { { NULL, NULL } };

struct run {
	struct run *next;
	struct gatt_runs *runs;
	struct gatt_asker asker;	/* its peer is NULL if it has gone */
	void *of;
	const char *name;
	bool write;
	struct command_process process;
	struct input *input;
	struct output *output;
	char text[TEXT_MAX];
	bool has_text;
	struct loop_timer deadline;
};

struct gatt_runs {
	struct loop *loop;
	struct run *first;
	unsigned int count;
	void (*done)(struct peer *peer, void *of, bool write, uint8_t error,
		     const char *text);
};

struct gatt_runs *gatt_runs_new(struct loop *loop,
				void (*done)(struct peer *peer, void *of,
					     bool write, uint8_t error,
					     const char *text))
{
	struct gatt_runs *runs = calloc(1, sizeof(*runs));

	if (!runs)
		die(STATUS_OTHER, "out of memory");
	runs->loop = loop;
	runs->done = done;
	return runs;
}

/* Returns the wait status. */
static int run_release(struct run *run)
{
	struct run **at = &run->runs->first;
	struct loop *loop = run->runs->loop;
	int status;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	run->runs->count--;
	loop_cancel(loop, &run->deadline);
	if (run->process.pidfd >= 0)
		loop_unwatch(loop, run->process.pidfd);
	if (run->input)
		input_free(run->input);
	if (run->output)
		output_free(run->output, 0);
	status = command_reap(&run->process, 0);
	free(run);
	return status;
}

static void run_end(struct run *run, uint8_t error)
{
	struct gatt_runs *runs = run->runs;
	struct run last = *run;

	run_release(run);
	runs->done(last.asker.waits ? last.asker.peer : NULL, last.of,
		   last.write, error, last.text);
}

void gatt_runs_free(struct gatt_runs *runs)
{
	while (runs->first)
		run_release(runs->first);
	free(runs);
}

void gatt_runs_forget(struct gatt_runs *runs, const struct peer *peer)
{
	for (struct run *run = runs->first; run; run = run->next)
		if (run->asker.peer == peer)
			run->asker.peer = NULL;
}

static void run_too_late(void *arg)
{
	struct run *run = arg;

	diag_warn("`%s' did not end within %d s", run->name,
		  GATT_RUN_MS / 1000);
	run_end(run, ATT_ECODE_UNLIKELY_ERROR);
}

static void run_take_text(struct run *run)
{
	const uint8_t *line;
	size_t len;

	while (run->input && input_next(run->input, &line, &len)) {
		if (run->has_text || len >= sizeof(run->text))
			continue;
		memcpy(run->text, line, len);
		run->text[len] = '\0';
		run->has_text = true;
	}
}

/* The program has ended; all that it wrote is in the pipe. */
static void on_run_end(short ready, void *arg)
{
	struct run *run = arg;
	int status;

	(void)ready;
	if (run->input && !input_ended(run->input))
		return;
	loop_unwatch(run->runs->loop, run->process.pidfd);
	waitpid(run->process.pid, &status, 0);
	run->process.pid = 0;
	if (status)
		diag_warn("`%s' ended with %s", run->name,
			  command_status_words(status));
	else if (!run->write && !run->has_text)
		diag_warn("`%s' wrote no line", run->name);
	run_end(run, status || (!run->write && !run->has_text) ?
		ATT_ECODE_UNLIKELY_ERROR : 0);
}

static void on_run_pipe(void *arg)
{
	struct run *run = arg;

	run_take_text(run);
	if (run->output && output_empty(run->output)) {
		output_free(run->output, 0);
		run->output = NULL;
		command_close_input(&run->process);
	}
	/* Wait for its end only now, when its output has been read. */
	if (!run->input || input_ended(run->input))
		loop_watch(run->runs->loop, run->process.pidfd, POLLIN,
			   on_run_end, run);
}

static bool too_many_runs(const struct gatt_runs *runs,
			  const struct gatt_asker *asker, const char *name)
{
	unsigned int own = 0, strangers = 0;

	for (const struct run *run = runs->first; run; run = run->next) {
		own += run->asker.peer == asker->peer;
		strangers += run->asker.stranger;
	}
	if (runs->count < RUNS_MAX && own < RUNS_OF_PEER &&
	    !(asker->stranger && strangers >= RUNS_OF_STRANGERS))
		return false;
	diag_warn("`%s' is not run: %u programs are running already, %u for "
		  "this peer", name,
		  runs->count, own);
	return true;
}

enum status gatt_run(struct gatt_runs *runs, const struct gatt_asker *asker,
		     void *of, char *const argv[], const char *text)
{
	struct run *run;

	if (too_many_runs(runs, asker, argv[0]))
		return STATUS_OTHER;
	run = calloc(1, sizeof(*run));
	if (!run)
		die(STATUS_OTHER, "out of memory");
	run->runs = runs;
	run->asker = *asker;
	run->asker.variables = NULL;
	run->of = of;
	run->name = argv[0];
	run->write = text != NULL;
	if (command_run(&run->process, argv, asker->variables)) {
		free(run);
		return STATUS_OTHER;
	}
	run->next = runs->first;
	runs->first = run;
	runs->count++;
	loop_after(runs->loop, &run->deadline, GATT_RUN_MS, run_too_late, run);
	run->input = input_new(runs->loop, run->process.from, argv[0], false,
			       on_run_pipe, run);
	input_want(run->input, true);
	if (text) {
		run->output = output_new(runs->loop, run->process.to,
					 on_run_pipe, run);
		output_write(run->output, text, strlen(text));
	} else {
		command_close_input(&run->process);
	}
	return STATUS_OK;
}

struct gatt_process {
	struct loop *loop;
	char *const *argv;
	void (*on_line)(void *of, const char *text);
	void *of;
	struct command_process process;
	struct input *input;
	struct output *output;
	struct loop_timer restart;	/* or, while it is to end, to kill it */
};

static void process_start(void *arg);

static void process_close(struct gatt_process *process)
{
	if (process->input)
		input_free(process->input);
	if (process->output)
		output_free(process->output, 0);
	process->input = NULL;
	process->output = NULL;
}

static void on_process_ended(short ready, void *arg)
{
	struct gatt_process *process = arg;

	(void)ready;
	loop_unwatch(process->loop, process->process.pidfd);
	diag_warn("`%s' ended with %s; it is started again", process->argv[0],
		  command_status_words(command_reap(&process->process, 0)));
	loop_after(process->loop, &process->restart, RESTART_MS, process_start,
		   process);
}

static void process_kill(void *arg)
{
	const struct gatt_process *process = arg;

	command_signal(&process->process, SIGKILL);
	/* It may have left its group. */
	kill(process->process.pid, SIGKILL);
}

static void on_process_line(void *arg)
{
	struct gatt_process *process = arg;
	const uint8_t *line;
	size_t len;

	while (input_next(process->input, &line, &len)) {
		char text[TEXT_MAX];

		if (len >= sizeof(text))
			continue;
		memcpy(text, line, len);
		text[len] = '\0';
		process->on_line(process->of, text);
	}
	if (!input_ended(process->input))
		return;
	/* It has nothing more to say, and so is to end. */
	process_close(process);
	loop_watch(process->loop, process->process.pidfd, POLLIN,
		   on_process_ended, process);
	loop_after(process->loop, &process->restart, TERM_MS, process_kill,
		   process);
}

static void on_process_taken(void *arg)
{
	(void)arg;
}

static void process_start(void *arg)
{
	struct gatt_process *process = arg;

	if (command_run(&process->process, process->argv, no_variables)) {
		loop_after(process->loop, &process->restart, RESTART_MS,
			   process_start, process);
		return;
	}
	process->input =
		input_new(process->loop, process->process.from,
			  process->argv[0], false, on_process_line, process);
	process->output = output_new(process->loop, process->process.to,
				     on_process_taken, process);
	input_want(process->input, true);
}

struct gatt_process *gatt_process_start(struct loop *loop, char *const argv[],
					void (*fn)(void *of, const char *text),
					void *of)
{
	struct gatt_process *process = calloc(1, sizeof(*process));

	if (!process)
		die(STATUS_OTHER, "out of memory");
	process->loop = loop;
	process->argv = argv;
	process->on_line = fn;
	process->of = of;
	process_start(process);
	return process;
}

void gatt_process_stop(struct gatt_process *process)
{
	if (!process)
		return;
	loop_cancel(process->loop, &process->restart);
	loop_unwatch(process->loop, process->process.pidfd);
	process_close(process);
	command_signal(&process->process, SIGTERM);
	command_reap(&process->process, TERM_MS);
	free(process);
}

bool gatt_process_write(struct gatt_process *process, const char *text)
{
	if (!process->output || output_full(process->output) ||
	    output_broken(process->output))
		return false;
	output_write(process->output, text, strlen(text));
	return true;
}
