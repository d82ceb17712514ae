/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is checked of a certificate before it becomes that of an identity. */
#ifndef BLESEC_ENROL_CHECK_H
#define BLESEC_ENROL_CHECK_H

#include "enrol/enrol.h"

/*
 * Whether a chain (leaf first) is of use to a device: it names one, and a peer
 * with these anchors would accept it (policy.h), as a central or as a
 * peripheral.  crls, if not NULL: and none of it is revoked; that a CA has no
 * CRL there is no fault.  Returns STATUS_OK, or STATUS_IDENTITY having said why
 * not.
 */
enum status enrol_check_chain(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
			      const STACK_OF(X509_CRL) *crls);

/*
 * The CRLs in DIR, for that; *crls is NULL if there are none, or none that are
 * good for these CAs, of which is warned.  Returns STATUS_OK, or
 * STATUS_IDENTITY having said why they cannot be read.
 */
enum status enrol_check_own_crls(const struct enrol *enrol,
				 STACK_OF(X509) *chain,
				 STACK_OF(X509) *anchors,
				 STACK_OF(X509_CRL) **crls);

/*
 * False if the ca.pem in DIR names CAs of which none has a key that is among
 * the anchors: who was trusted is so no more.
 */
bool enrol_same_ca(const struct enrol *enrol, STACK_OF(X509) *anchors);

#endif
