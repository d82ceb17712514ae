/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a process may do by its user and its capabilities (capabilities(7)).
 * Nothing here can be undone.
 */
#ifndef BLESEC_PRIVILEGE_H
#define BLESEC_PRIVILEGE_H

#include <stdbool.h>

/* The overflow user and group, who own nothing. */
#define PRIVILEGE_NOBODY 65534

/*
 * For a process that has opened all it needs: no capability in any set, no new
 * privileges by execve(2), and not dumpable, so that no other process of its
 * user can trace it.  Root becomes PRIVILEGE_NOBODY if nobody is set, and if
 * the capabilities that this takes are there; else it stays root, without any.
 * False if the kernel refuses, having said why.
 */
bool privilege_drop(bool nobody);

/*
 * For the parent of such processes: of its capabilities, only those of its job
 * are left.  CAP_NET_ADMIN is, for bluetooth: a management socket is
 * trusted if its opener has that.  Root keeps CAP_DAC_OVERRIDE, to open the key
 * and the TPM again, CAP_SETUID, CAP_SETGID and CAP_SETPCAP, for
 * privilege_drop, and CAP_KILL, to end what has done that.
 *
 * If it executes programs, which are to have what it was started with, the
 * others are only not effective; else they are gone from all sets, and there
 * are no new privileges.  False if the kernel refuses, having said why.
 */
bool privilege_keep(bool bluetooth, bool executes);

#endif
