/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confine the calling process to the descriptors it has: it can read, write
 * and wait, and nothing else (seccomp).
 */
#ifndef BLESEC_SANDBOX_H
#define BLESEC_SANDBOX_H

#include <stdbool.h>

/*
 * False if the kernel refuses, having said why: the caller must not go on.
 * Does nothing when built with a sanitizer, which needs more.
 */
bool sandbox_enter(void);

#endif
