/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BLESEC_VERSION_H
#define BLESEC_VERSION_H

/*
 * Print on stdout, one per line: the versions of this program, of OpenSSL and
 * of the TPM's provider, and the TPM's vendor and firmware if it answers.
 */
void version_print(void);

#endif
