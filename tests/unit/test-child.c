/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that do not end when asked: the caller is not delayed, and they
 * are killed and reaped all the same.
 *
 * valgrind: no, that of Debian 12 does not know pidfd_open
 */
#include "config.h"
#include "process/child.h"
#include "process/worker.h"
#include "profile/gatt-command.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/stat.h>

#define WORKERS 20

static struct loop *loop;
static struct worker workers[WORKERS];
static pid_t pids[WORKERS];
static bool stopped;
static uint64_t last, longest;
static unsigned int ticks;

/* A process that only SIGKILL ends. */
static void hang(int host, const void *arg)
{
	(void)host;
	(void)arg;
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
}

/* A process that ends when its socket is closed. */
static void obey(int host, const void *arg)
{
	char octet;

	(void)arg;
	/* The child has inherited the parent's end. */
	for (int fd = 3; fd < 1024; fd++)
		if (fd != host)
			close(fd);
	while (read(host, &octet, 1) > 0)
		;
}

/* Check that the process has ended and was reaped. */
static bool all_gone(void)
{
	for (int i = 0; i < WORKERS; i++)
		if (!kill(pids[i], 0) || errno != ESRCH)
			return false;
	return true;
}

static void tick(void *arg)
{
	static struct loop_timer timer;
	const uint64_t now = loop_now();

	(void)arg;
	if (ticks && now - last > longest)
		longest = now - last;
	last = now;
	ticks++;
	if (ticks > 3000 || (stopped && all_gone()))
		loop_stop(loop, 0);
	else
		loop_after(loop, &timer, 10, tick, NULL);
}

static void start_all(void (*run)(int, const void *))
{
	for (int i = 0; i < WORKERS; i++) {
		CHECK(!worker_spawn(&workers[i], 8, run, NULL));
		pids[i] = workers[i].pid;
	}
}

static void stop_all(void *arg)
{
	(void)arg;
	for (int i = 0; i < WORKERS; i++)
		worker_stop(&workers[i], loop);
	stopped = true;
}

/* End them while the loop runs, which has a timer every 10 ms. */
static void delays_nobody(void)
{
	struct loop_timer timer = { 0 };

	start_all(hang);
	loop_after(loop, &timer, 100, stop_all, NULL);
	tick(NULL);
	loop_run(loop);
	printf("%d hanging processes: the longest turn was %u ms\n", WORKERS,
	       (unsigned int)(longest / 1000));
	/* Waiting for each would have taken 4 s. */
	CHECK(longest < 1000000);
	CHECK(all_gone());
}

static void ends_by_itself(void)
{
	uint64_t before;

	start_all(obey);
	stop_all(NULL);
	before = loop_now();
	child_leave_end(60000);
	CHECK(loop_now() - before < 30000000);
	CHECK(all_gone());
}

/* When the loop ends, wait for all of them together. */
static void is_not_awaited(void)
{
	const uint64_t before = loop_now();

	start_all(hang);
	stop_all(NULL);
	child_leave_end(100);
	CHECK(loop_now() - before < 2000000);
	CHECK(all_gone());
}

static void no_line(void *of, const char *text)
{
	(void)of;
	(void)text;
}

/* Programs of a profile that keep running but send nothing more. */
static void programs_delay_nobody(void)
{
	static char *argv[] = {
		(char *)"/bin/sh", (char *)"-c",
		(char *)"exec >&-; exec sleep 5", NULL,
	};
	struct gatt_process *processes[8];

	longest = 0;
	stopped = false;
	for (int i = 0; i < 8; i++)
		processes[i] = gatt_process_start(loop, argv, no_line, NULL);
	CHECK(gatt_process_write(processes[0], "still there"));
	ticks = 2900;
	last = loop_now();
	tick(NULL);
	loop_run(loop);
	printf("8 programs that go on: the longest turn was %u ms\n",
	       (unsigned int)(longest / 1000));
	/* Waiting for each took 4 s. */
	CHECK(longest < 1000000);
	for (int i = 0; i < 8; i++)
		gatt_process_stop(processes[i]);
}

static char starts[] = "/tmp/blesec-test-child.XXXXXX";

/* Stop when the program has been started twice. */
static void until_restarted(void *arg)
{
	static struct loop_timer timer;
	struct stat st;

	(void)arg;
	if (++ticks > 1000 || (!stat(starts, &st) && st.st_size > 1))
		loop_stop(loop, 0);
	else
		loop_after(loop, &timer, 20, until_restarted, NULL);
}

/* A program that has left its process group is killed, and started again. */
static void program_out_of_its_group(void)
{
	static char *argv[] = {
		(char *)"perl", (char *)"-e",
		(char *)"open(F, '>>', $ARGV[0]); print F 'x'; close(F);"
		"setpgrp(0, getpgrp(getppid())); close(STDOUT); sleep(60)",
		starts, NULL,
	};
	struct gatt_process *process;
	int fd = mkstemp(starts);

	CHECK(fd >= 0);
	close(fd);
	ticks = 0;
	process = gatt_process_start(loop, argv, no_line, NULL);
	until_restarted(NULL);
	loop_run(loop);
	gatt_process_stop(process);
	unlink(starts);
	CHECK(ticks <= 1000);
}

int main(void)
{
	loop = loop_new();
	delays_nobody();
	ends_by_itself();
	is_not_awaited();
	programs_delay_nobody();
	program_out_of_its_group();
	loop_free(loop);
	return 0;
}
