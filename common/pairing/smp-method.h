/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pairing method two IO capabilities lead to with LE Secure Connections
 * (Core 5.4 Vol 3 Part H 2.3.5.1, table 2.8).  Pure.
 */
#ifndef BLESEC_SMP_METHOD_H
#define BLESEC_SMP_METHOD_H

#include <stdbool.h>
#include <stdint.h>

/* The values of the Pairing Request (Vol 3 Part H 3.5.1). */
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
/* The same, whatever the case; false if there is none of that name. */
bool smp_io_parse(const char *name, enum smp_io *io);

/* "just works", "passkey entry", "numeric comparison", "oob". */
const char *smp_method_name(enum smp_method method);

/* Without OOB data, when at least one side asks for MITM protection. */
enum smp_method smp_method(enum smp_io initiator, enum smp_io responder);

/*
 * Linux asks for MITM protection unless a device has no input and no output,
 * and refuses what cannot give it (SMP reason 0x03).
 */
bool smp_linux_refuses(enum smp_io initiator, enum smp_io responder);

/*
 * Of passkey entry: whether the initiator, or the responder, types the
 * passkey in; the other one displays it.  Two keyboards both type.
 */
bool smp_initiator_types(enum smp_io initiator, enum smp_io responder);
bool smp_responder_types(enum smp_io initiator, enum smp_io responder);

#endif
