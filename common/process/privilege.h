/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a process may do by its user and its capabilities (capabilities(7)).
 * Nothing here can be undone.
 */
#ifndef BLESEC_PRIVILEGE_H
#define BLESEC_PRIVILEGE_H

#include <stdbool.h>

/* The overflow user and group, which own nothing. */
#define PRIVILEGE_NOBODY 65534

/*
 * For a process that has opened all it needs.  It has no capability in any set
 * afterwards, gets no new privileges by execve(2), and is not dumpable, so that
 * no other process of its user can trace it.  With nobody, root becomes
 * PRIVILEGE_NOBODY if it has the capabilities for that, else it stays root
 * without any.  Returns false if the kernel refuses, having said why.
 */
bool privilege_drop(bool nobody);

/*
 * For the parent of such processes.  It keeps only the capabilities that it
 * needs: with bluetooth CAP_NET_ADMIN, because the kernel trusts a management
 * socket by its opener's; as root also CAP_DAC_OVERRIDE, to open the key and
 * the TPM again, CAP_SETUID, CAP_SETGID and CAP_SETPCAP, for privilege_drop, and
 * CAP_KILL, to end processes that have called that.
 *
 * If it executes programs, these are to have what it was started with: then the
 * other capabilities only stop being effective.  Else they are dropped from all
 * sets, and there are no new privileges.  Returns false if the kernel refuses,
 * having said why.
 */
bool privilege_keep(bool bluetooth, bool executes);

#endif
