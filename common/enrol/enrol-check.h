/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is checked of a certificate before it becomes that of an identity. */
#ifndef BLESEC_ENROL_CHECK_H
#define BLESEC_ENROL_CHECK_H

#include "enrol/enrol.h"

/*
 * Check that a chain (leaf first) is of use to a device: it has a name, and a
 * peer with these anchors would accept it (policy.h), as a central or as a
 * peripheral.  If crls is not NULL, none of the chain may be revoked; a CA
 * without a CRL there is no fault.  Returns STATUS_OK, or STATUS_IDENTITY
 * having said why not.
 */
enum status enrol_check_chain(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
			      const STACK_OF(X509_CRL) *crls);

/*
 * Read the CRLs in DIR for that.  *crls is NULL if there are none, or, with a
 * warning, if they are not good for these CAs.  Returns STATUS_OK, or
 * STATUS_IDENTITY having said why they cannot be read.
 */
enum status enrol_check_own_crls(const struct enrol *enrol,
				 STACK_OF(X509) *chain,
				 STACK_OF(X509) *anchors,
				 STACK_OF(X509_CRL) **crls);

/*
 * False if the ca.pem in DIR names CAs, and none of their keys is among the
 * anchors: those who were trusted no longer are.
 */
bool enrol_same_ca(const struct enrol *enrol, STACK_OF(X509) *anchors);

#endif
