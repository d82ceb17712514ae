/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BLESEC_VERSION_H
#define BLESEC_VERSION_H

/*
 * Print on stdout, a line each: this program's version, OpenSSL's, that of the
 * provider for the TPM, and the TPM's vendor and firmware where it answers.
 */
void version_print(void);

#endif
