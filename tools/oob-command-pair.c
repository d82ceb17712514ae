/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blesec-oob: pair, and watch pairings. */
#include "config.h"
#include "oob-command.h"

#include <unistd.h>

#include "bluetooth/advert.h"
#include "pairing/oob-mgmt.h"
#include "pairing/pairing-event.h"

static void on_change(void *arg)
{
	struct tool *tool = arg;

	if (output_broken(tool->output))
		loop_stop(tool->loop, STATUS_OTHER);
}

static void pair_on_event(const char *event, json_t *more, void *arg)
{
	struct tool *tool = arg;

	output_event(tool->output, event, more);
}

static void pair_held(void *arg)
{
	struct tool *tool = arg;

	loop_stop(tool->loop, (int)tool->status);
}

static void on_done(enum status status, void *arg)
{
	struct tool *tool = arg;

	tool->status = status;
	if (!status && tool->hold_ms)
		loop_after(tool->loop, &tool->hold, tool->hold_ms,
			   pair_held, tool);
	else
		loop_stop(tool->loop, (int)status);
}

static void pair_on_confirm(uint32_t number, void *arg)
{
	struct tool *tool = arg;

	agent_confirm(&tool->agent, number);
}

static void pair_on_passkey(void *arg)
{
	struct tool *tool = arg;

	agent_passkey(&tool->agent);
}

static void answer_confirm(bool yes, void *arg)
{
	struct tool *tool = arg;

	pairing_confirm(tool->pairing, yes);
}

static void answer_passkey(long passkey, void *arg)
{
	struct tool *tool = arg;

	pairing_passkey(tool->pairing, passkey);
}

static void pair_on_signal(void *arg)
{
	struct tool *tool = arg;

	if (tool->pairing && !tool->hold.armed)
		pairing_cancel(tool->pairing);
	else
		loop_stop(tool->loop, (int)tool->status);
}

static void say_method(const struct tool *tool, bool initiator)
{
	if (oob_has_remote(tool->adapter.index, initiator ?
			   &tool->peer.bdaddr : NULL)) {
		diag_info("there is data of the peer: the method will be OOB");
		return;
	}
	for (int io = 0; io < SMP_IO_COUNT; io++) {
		enum smp_io i = initiator ? tool->set.io : (enum smp_io)io;
		enum smp_io r = initiator ? (enum smp_io)io : tool->set.io;

		diag_info("if the peer is %s: %s%s", smp_io_name(io),
			  smp_method_name(smp_method(i, r)),
			  smp_linux_refuses(i, r) ? ", which Linux refuses" :
			  "");
	}
}

static void run_pairing(struct tool *tool, bool initiator)
{
	static const struct advert nothing;

	say_method(tool, initiator);
	if (initiator) {
		pairing_start(tool->pairing, &tool->peer);
	} else if (!adapter_find(&tool->adapter, &tool->advertising) &&
		   !advert_start(&tool->advertising, &nothing,
				 &tool->instance)) {
		pair_on_event("listening",
			      json_pack("{s:s}", "address",
					tool->advertising.address.text),
			      tool);
		pairing_await(tool->pairing, NULL);
	} else {
		tool->status = STATUS_REFUSED;
		return;
	}
	tool->status = (enum status)loop_run(tool->loop);
}

static bool is_own(const struct tool *tool)
{
	return !bacmp(&tool->peer.bdaddr,
		      &pairing_adapter(tool->pairing)->controller);
}

enum status oob_command_pair(struct tool *tool, const char *file)
{
	bool initiator = tool->peer.text[0];

	(void)file;
	tool->set.adapter = &tool->adapter;
	tool->set.loop = tool->loop = loop_new();
	tool->set.on_event = pair_on_event;
	tool->set.on_confirm = pair_on_confirm;
	tool->set.on_passkey = pair_on_passkey;
	tool->set.on_done = on_done;
	tool->set.arg = tool;
	tool->agent.loop = tool->loop;
	tool->agent.on_confirm = answer_confirm;
	tool->agent.on_passkey = answer_passkey;
	tool->agent.arg = tool;
	tool->output = output_new(tool->loop, STDOUT_FILENO, on_change, tool);
	loop_signals(tool->loop, pair_on_signal, NULL, tool);
	if (!tool->no_require_oob)
		tool->set.require_oob = tool->set.require_oob ||
			oob_has_remote(tool->adapter.index, initiator ?
				       &tool->peer.bdaddr : NULL);
	/* Otherwise the agent of bluetoothd would answer as well. */
	tool->set.require_oob = tool->set.require_oob || adapter_bluetoothd();
	tool->status = pairing_begin(&tool->set, &tool->pairing);
	if (!tool->status && initiator && is_own(tool)) {
		diag_error("%s is %s itself: the address of another device "
			   "is wanted", tool->peer.text, tool->adapter.text);
		tool->status = STATUS_USAGE;
		pairing_end(tool->pairing);
	} else if (!tool->status) {
		run_pairing(tool, initiator);
		if (tool->advertising.mgmt) {
			advert_stop(&tool->advertising, &tool->instance);
			adapter_close(&tool->advertising);
		}
		pairing_end(tool->pairing);
	}
	agent_stop(&tool->agent);
	loop_cancel(tool->loop, &tool->hold);
	if (!output_free(tool->output, 1000) && !tool->status)
		tool->status = STATUS_OTHER;
	loop_free(tool->loop);
	return tool->status;
}

static void on_mgmt(uint16_t code, const uint8_t *data, size_t len, void *arg)
{
	struct tool *tool = arg;
	const char *name;
	json_t *json = pairing_event_json(code, data, len, tool->set.show_keys,
					  &name);

	if (json)
		output_event(tool->output, name, json);
	if (code == MGMT_EV_INDEX_REMOVED) {
		diag_error("the adapter %s has gone", tool->adapter.text);
		loop_stop(tool->loop, STATUS_LINK);
	}
}

enum status oob_command_watch(struct tool *tool, const char *file)
{
	struct adapter adapter;
	enum status status = adapter_find(&tool->adapter, &adapter);

	(void)file;
	if (status)
		return status;
	tool->loop = loop_new();
	tool->output = output_new(tool->loop, STDOUT_FILENO, on_change, tool);
	loop_signals(tool->loop, pair_on_signal, NULL, tool);
	mgmt_watch(adapter.mgmt, tool->loop, adapter.index, on_mgmt, tool);
	output_event(tool->output, "watching",
		     json_pack("{s:s}", "adapter", tool->adapter.text));
	status = (enum status)loop_run(tool->loop);
	adapter_close(&adapter);
	if (!output_free(tool->output, 1000) && !status)
		status = STATUS_OTHER;
	loop_free(tool->loop);
	return status;
}
