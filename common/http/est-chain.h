/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of what an EST server gave, the chain that is ours.  Pure. */
#ifndef BLESEC_EST_CHAIN_H
#define BLESEC_EST_CHAIN_H

#include "http/est-answer.h"

/*
 * The certificate for this key among certs, then those that issued it, among
 * certs and more (may be NULL), without the self-signed.  A new stack, or NULL
 * with the fault.
 */
STACK_OF(X509) *est_chain(STACK_OF(X509) *certs, STACK_OF(X509) *more,
			  EVP_PKEY *public, struct est_fault *fault);

/* False with the fault if it does not go to the anchors or is not valid now. */
bool est_chain_valid(STACK_OF(X509) *chain, STACK_OF(X509) *anchors,
		     struct est_fault *fault);

#endif
