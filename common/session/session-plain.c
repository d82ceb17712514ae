/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ATT server of the link: the tunnel's service and, if it says so, the
 * profile, as the link's own security permits.
 */
#include "config.h"
#include "session/session-part.h"

#include <string.h>

#include "base/bytes.h"
#include "att/gatt-signature.h"

bool session_plain_profile(const struct session *s)
{
	return !s->central && !s->set->sdu_max && s->set->profile &&
	       s->set->profile->expose_link;
}

/* As it is now: it changes without a word to us. */
static void look_at_security(struct session *s)
{
	struct gatt_server *server = session_gatt_server(s->plain);
	int level;

	if (!session_plain_profile(s))
		return;
	level = link_security(s->set->link, &server->key_size);
	server->level = level < GATT_LEVEL_OPEN ? GATT_LEVEL_OPEN
						: (uint8_t)level;
}

/* What the attribute needs that a request was refused for. */
static uint8_t level_wanted(const struct session *s, uint8_t opcode,
			    uint16_t handle)
{
	const struct gatt_attribute *a = gatt_db_find(&s->db, handle);

	if (!a)
		return 0;
	switch (opcode) {
	case ATT_WRITE_REQ:
	case ATT_PREPARE_WRITE_REQ:
	case ATT_EXECUTE_WRITE_REQ:
		return a->write.level;
	default:
		return a->read.level;
	}
}

/* Once a link: who does not want to, is not asked again. */
static void request_security(struct session *s, const uint8_t *error)
{
	const uint8_t level = level_wanted(s, error[1], get_le16(error + 2));
	int failure;

	if (!s->set->request_security || s->securing || level < 2 ||
	    (error[4] != ATT_ECODE_INSUFFICIENT_AUTHENTICATION &&
	     error[4] != ATT_ECODE_INSUFFICIENT_ENCRYPTION))
		return;
	s->securing = true;
	failure = link_request_security(s->set->link, level);
	diag_debug("link: Security Request for level %u: %s", level,
		   failure ? strerror(failure) : "sent");
}

static void send_plain(const uint8_t *pdu, size_t len, void *arg)
{
	struct session *s = arg;

	session_put(s, pdu, len);
	if (len == 5 && pdu[0] == ATT_ERROR_RSP)
		request_security(s, pdu);
}

static uint8_t ask(struct gatt_server *server,
		   const struct gatt_external *what, void *arg)
{
	struct session *s = arg;

	(void)server;
	session_ask(s, s->plain, what);
	return 0;
}

/* The parent writes the counter down, before it hears of what was signed. */
static bool verify(const uint8_t *message, size_t len,
		   const uint8_t signature[ATT_SIGNATURE_SIZE], void *arg)
{
	struct session *s = arg;
	uint32_t counter;

	if (!gatt_signature_verify(s->signing.csrk, message, len, signature,
				   &counter) ||
	    !bond_signing_accepts(&s->signing, counter))
		return false;
	s->signing.next = counter + 1;
	session_tell(s, WORKER_SIGNED, &s->signing.next,
		     sizeof(s->signing.next));
	return true;
}

static void prepare_capability(struct session *s)
{
	const uint16_t psm = s->set->psm;
	const struct tunnel_capability capability = {
		.versions = 1,
		.bearers = s->bearer | (psm ? TUNNEL_BEARER_COC : 0),
		.psm = psm,
		.value_max = s->set->sdu_max ? TUNNEL_VALUE_MAX
					     : TUNNEL_ATT_VALUE_MAX,
		.window = TUNNEL_WINDOW,
	};

	s->capability_len = TUNNEL_CAPABILITY_SIZE;
	tunnel_capability_write(&capability, s->capability);
}

bool session_plain_prepare(struct session *s)
{
	const struct session_settings *set = s->set;
	const bool profile = session_plain_profile(s);
	const struct gatt_server server = {
		.db = &s->db,
		.optional = profile,
		.level = GATT_LEVEL_OPEN,
		.ltk = set->ltk,
		.external = profile ? ask : NULL,
		.write = s->central ? NULL : session_on_write,
		.verify = profile && set->signs && gatt_signature_prepare() ?
			  verify : NULL,
		.arg = s,
	};

	s->signing = set->signing;
	s->plain = session_gatt_new(&server, send_plain);
	if (!s->plain || s->central)
		return s->plain;
	prepare_capability(s);
	if (profile && gatt_db_copy(&s->db, &set->profile->db))
		s->handles = gatt_db_tunnel(&s->db, s->capability,
					    s->capability_len);
	else if (!profile)
		s->handles = gatt_db_peripheral(&s->db, set->name,
						s->capability,
						s->capability_len);
	return s->handles.configuration;
}

void session_plain_receive(struct session *s, const uint8_t *pdu, size_t len)
{
	const char *fault;

	look_at_security(s);
	/* It has come for GATT, and may stay. */
	if (session_plain_profile(s) && !s->open &&
	    pdu[0] != ATT_EXCHANGE_MTU_REQ)
		loop_cancel(s->loop, &s->deadline);
	fault = session_gatt_receive(s->plain, pdu, len);
	if (len == 1 && pdu[0] == ATT_HANDLE_VALUE_CFM)
		loop_cancel(s->loop, &s->plain_confirm);
	if (fault)
		session_abandon(s, REASON_PROTOCOL, fault);
}

void session_plain_changed(struct session *s, uint16_t handle,
			   const uint8_t *value, size_t len)
{
	if (!session_plain_profile(s))
		return;
	look_at_security(s);
	session_gatt_changed(s->plain, handle, value, len);
}
