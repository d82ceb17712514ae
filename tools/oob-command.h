/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of blesec-oob, a function for each. */
#ifndef BLESEC_OOB_COMMAND_H
#define BLESEC_OOB_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "bluetooth/adapter.h"
#include "pairing/agent.h"
#include "base/diag.h"
#include "bluetooth/link.h"
#include "base/loop.h"
#include "pairing/oob.h"
#include "base/output.h"
#include "pairing/pairing.h"

struct tool {
	const char *format;
	enum oob_format text_format;
	struct pairing_settings set;
	struct agent agent;
	bool no_require_oob;
	const char *of_pair, *of_watch;	/* options given that only these
					 * commands take */
	uint32_t hold_ms;
	struct link_address adapter, peer;
	struct loop *loop;
	struct output *output;
	struct pairing *pairing;
	struct adapter advertising;
	uint8_t instance;
	struct loop_timer hold;
	enum status status;
};

/*
 * Each returns the exit status after reporting errors on stderr.  file is FILE
 * on the command line, or NULL.
 */
enum status oob_command_read(struct tool *tool, const char *file);
enum status oob_command_add(struct tool *tool, const char *file);
enum status oob_command_clear(struct tool *tool, const char *file);
enum status oob_command_convert(struct tool *tool, const char *file);
enum status oob_command_unpair(struct tool *tool, const char *file);
enum status oob_command_info(struct tool *tool, const char *file);
enum status oob_command_methods(struct tool *tool, const char *file);
enum status oob_command_pair(struct tool *tool, const char *file);
enum status oob_command_watch(struct tool *tool, const char *file);

#endif
