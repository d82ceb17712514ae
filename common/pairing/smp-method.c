/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/smp-method.h"

#include <strings.h>

static const char *const io_names[SMP_IO_COUNT] = {
	"DisplayOnly", "DisplayYesNo", "KeyboardOnly", "NoInputNoOutput",
	"KeyboardDisplay",
};

const char *smp_io_name(enum smp_io io)
{
	return io < SMP_IO_COUNT ? io_names[io] : "unknown";
}

bool smp_io_parse(const char *name, enum smp_io *io)
{
	for (int i = 0; i < SMP_IO_COUNT; i++)
		if (!strcasecmp(name, io_names[i])) {
			*io = (enum smp_io)i;
			return true;
		}
	return false;
}

const char *smp_method_name(enum smp_method method)
{
	static const char *const names[] = {
		[SMP_JUST_WORKS] = "just works",
		[SMP_PASSKEY_ENTRY] = "passkey entry",
		[SMP_NUMERIC_COMPARISON] = "numeric comparison",
		[SMP_OOB] = "oob",
	};

	return names[method];
}

static bool smp_has_keyboard(enum smp_io io)
{
	return io == SMP_IO_KEYBOARD_ONLY || io == SMP_IO_KEYBOARD_DISPLAY;
}

/* True if it can show a number and accept a yes. */
static bool smp_can_compare(enum smp_io io)
{
	return io == SMP_IO_DISPLAY_YES_NO || io == SMP_IO_KEYBOARD_DISPLAY;
}

enum smp_method smp_method(enum smp_io initiator, enum smp_io responder)
{
	if (initiator == SMP_IO_NO_INPUT_NO_OUTPUT ||
	    responder == SMP_IO_NO_INPUT_NO_OUTPUT)
		return SMP_JUST_WORKS;
	if (smp_can_compare(initiator) && smp_can_compare(responder))
		return SMP_NUMERIC_COMPARISON;
	return smp_has_keyboard(initiator) || smp_has_keyboard(responder) ?
		SMP_PASSKEY_ENTRY : SMP_JUST_WORKS;
}

bool smp_linux_refuses(enum smp_io initiator, enum smp_io responder)
{
	return smp_method(initiator, responder) == SMP_JUST_WORKS &&
	       initiator != SMP_IO_NO_INPUT_NO_OUTPUT &&
	       responder != SMP_IO_NO_INPUT_NO_OUTPUT;
}

/*
 * A device with keyboard and display types only if the other has no keyboard.
 */
bool smp_initiator_types(enum smp_io initiator, enum smp_io responder)
{
	return smp_method(initiator, responder) == SMP_PASSKEY_ENTRY &&
	       (initiator == SMP_IO_KEYBOARD_ONLY ||
		(smp_has_keyboard(initiator) && !smp_has_keyboard(responder)));
}

bool smp_responder_types(enum smp_io initiator, enum smp_io responder)
{
	return smp_initiator_types(responder, initiator);
}
