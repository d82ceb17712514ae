/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pairing method that two IO capabilities select with LE Secure Connections
 * (Core 5.4 Vol 3 Part H 2.3.5.1, table 2.8).  The functions are pure.
 */
#ifndef BLESEC_SMP_METHOD_H
#define BLESEC_SMP_METHOD_H

#include <stdbool.h>
#include <stdint.h>

/* The values in a Pairing Request (Core 5.4 Vol 3 Part H 3.5.1). */
enum smp_io {
	SMP_IO_DISPLAY_ONLY = 0,
	SMP_IO_DISPLAY_YES_NO = 1,
	SMP_IO_KEYBOARD_ONLY = 2,
	SMP_IO_NO_INPUT_NO_OUTPUT = 3,
	SMP_IO_KEYBOARD_DISPLAY = 4,
	SMP_IO_COUNT,
};

enum smp_method {
	SMP_JUST_WORKS,
	SMP_PASSKEY_ENTRY,
	SMP_NUMERIC_COMPARISON,
	SMP_OOB,
};

/* "DisplayOnly" and so on, as the specification writes them. */
const char *smp_io_name(enum smp_io io);
/* Parse such a name, ignoring case; false if there is none. */
bool smp_io_parse(const char *name, enum smp_io *io);

/* "just works", "passkey entry", "numeric comparison", "oob". */
const char *smp_method_name(enum smp_method method);

/* The method if there is no OOB data and at least one side asks for MITM
 * protection. */
enum smp_method smp_method(enum smp_io initiator, enum smp_io responder);

/*
 * Linux asks for MITM protection unless a device has no input and no output.
 * True if it refuses this pair because they cannot provide it (SMP reason
 * 0x03).
 */
bool smp_linux_refuses(enum smp_io initiator, enum smp_io responder);

/*
 * True if the method is passkey entry and the initiator, or the responder,
 * types in the passkey that the other one displays.  Two keyboards both type.
 */
bool smp_initiator_types(enum smp_io initiator, enum smp_io responder);
bool smp_responder_types(enum smp_io initiator, enum smp_io responder);

#endif
