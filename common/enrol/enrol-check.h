/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check a certificate before it is installed in an identity. */
#ifndef BLESEC_ENROL_CHECK_H
#define BLESEC_ENROL_CHECK_H

#include "enrol/enrol.h"

/*
 * Check that a device can use a chain (leaf first): it has a name, and a peer
 * with these anchors would accept it (policy.h), as a central or as a
 * peripheral.  If crls is not NULL, no certificate in the chain may be revoked;
 * a CA without a CRL there is not a fault.  Returns STATUS_OK, or
 * STATUS_IDENTITY after saying why not.
 */
enum status enrol_check_chain(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
			      const STACK_OF(X509_CRL) *crls);

/*
 * Read the CRLs in DIR for enrol_check_chain.  *crls is NULL if there are none
 * or, with a warning, if they are not good for these CAs.  Returns STATUS_OK,
 * or STATUS_IDENTITY after saying why they cannot be read.
 */
enum status enrol_check_own_crls(const struct enrol *enrol,
				 STACK_OF(X509) *chain,
				 STACK_OF(X509) *anchors,
				 STACK_OF(X509_CRL) **crls);

/*
 * False if ca.pem in DIR names CAs and none of their keys is among the anchors,
 * so that no CA trusted so far stays trusted.
 */
bool enrol_same_ca(const struct enrol *enrol, STACK_OF(X509) *anchors);

#endif
