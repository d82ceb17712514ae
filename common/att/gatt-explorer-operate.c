/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations on what was discovered (Core 5.4 Vol 3 Part G 4.8-4.12). */
#include "config.h"
#include "att/gatt-explorer-step.h"

#include <string.h>

#include "base/bytes.h"

#define EXECUTE_CANCEL 0
#define EXECUTE_WRITE 1
#define EXTENDED_RELIABLE_WRITE 0x01	/* Part G 3.3.3.1 */

static const struct gatt_op *operation_of(const struct gatt_explorer *explorer)
{
	return &explorer->ops[explorer->op];
}

/* The entry that the operation is at. */
static struct gatt_entry *operated_entry(const struct gatt_explorer *explorer)
{
	return &explorer->table[explorer->at];
}

static uint16_t handle_of(const struct gatt_explorer *explorer)
{
	const struct gatt_found *found = &operated_entry(explorer)->found;

	return found->kind == GATT_FOUND_CHARACTERISTIC ? found->value :
							  found->handle;
}

static void operation_report(const struct gatt_explorer *explorer,
			     const struct gatt_result *result)
{
	if (explorer->result)
		explorer->result(result, explorer->arg);
}

/* Report the result for this attribute. */
static void report_entry(const struct gatt_explorer *explorer, int status)
{
	const bool read =
		operation_of(explorer)->kind == GATT_OP_READ && !status;

	operation_report(explorer,
			 &(struct gatt_result){
				 .op = explorer->op,
				 .status = status,
				 .handle = handle_of(explorer),
				 .uuid = operated_entry(explorer)->found.uuid,
				 .value = explorer->value,
				 .len = read ? explorer->len : 0,
			 });
}

/* The descriptor of the characteristic, or NULL. */
static const struct gatt_found *descriptor(const struct gatt_explorer *of,
					   uint16_t number)
{
	const struct gatt_uuid uuid = gatt_uuid16(number);

	for (size_t i = of->at + 1; i < of->used; i++) {
		const struct gatt_found *found = &of->table[i].found;

		if (found->kind != GATT_FOUND_DESCRIPTOR)
			return NULL;
		if (gatt_uuid_equal(&found->uuid, &uuid))
			return found;
	}
	return NULL;
}

static bool operation_matches(const struct gatt_explorer *explorer)
{
	const struct gatt_op *op = operation_of(explorer);
	const struct gatt_found *found = &operated_entry(explorer)->found;
	const bool descriptors = op->kind == GATT_OP_READ ||
				 op->kind == GATT_OP_WRITE;

	return gatt_uuid_equal(&found->uuid, &op->uuid) &&
	       (found->kind == GATT_FOUND_CHARACTERISTIC ||
		(found->kind == GATT_FOUND_DESCRIPTOR && descriptors));
}

static bool operation_permitted(const struct gatt_explorer *explorer)
{
	static const uint8_t needed[] = {
		[GATT_OP_READ] = GATT_PROPERTY_READ,
		[GATT_OP_WRITE] = GATT_PROPERTY_WRITE,
		[GATT_OP_WRITE_COMMAND] = GATT_PROPERTY_WRITE_CMD,
		[GATT_OP_RELIABLE_WRITE] = GATT_PROPERTY_EXTENDED,
		[GATT_OP_NOTIFY] = GATT_PROPERTY_NOTIFY,
		[GATT_OP_INDICATE] = GATT_PROPERTY_INDICATE,
	};
	const struct gatt_found *found = &operated_entry(explorer)->found;
	const enum gatt_op_kind kind = operation_of(explorer)->kind;

	/* A descriptor's properties cannot be discovered (3.3.3). */
	if (found->kind == GATT_FOUND_DESCRIPTOR)
		return true;
	if (!(found->properties & needed[kind]))
		return false;
	switch (kind) {
	case GATT_OP_RELIABLE_WRITE:
		return descriptor(explorer, GATT_EXTENDED_PROPERTIES);
	case GATT_OP_NOTIFY:
	case GATT_OP_INDICATE:
		return descriptor(explorer, GATT_CLIENT_CONFIGURATION);
	default:
		return true;
	}
}

/* Choose the first step of the operation, or return why there is none. */
static int operation_begin(struct gatt_explorer *explorer)
{
	const struct gatt_op *op = operation_of(explorer);
	const bool fits = op->len <= explorer->mtu - 3U;

	if (!operation_permitted(explorer))
		return GATT_OP_NOT_SUPPORTED;
	if (op->len > ATT_VALUE_MAX ||
	    (op->kind == GATT_OP_WRITE_COMMAND && !fits))
		return GATT_OP_TOO_LONG;
	explorer->len = 0;
	switch (op->kind) {
	case GATT_OP_READ:
		explorer->step = GATT_STEP_READ;
		break;
	case GATT_OP_WRITE:
		explorer->step = fits ? GATT_STEP_WRITE : GATT_STEP_PREPARE;
		break;
	case GATT_OP_WRITE_COMMAND:
		explorer->step = GATT_STEP_WRITE_COMMAND;
		break;
	case GATT_OP_RELIABLE_WRITE:
		explorer->step = GATT_STEP_EXTENDED;
		break;
	default:
		explorer->step = GATT_STEP_CONFIGURE;
		break;
	}
	return 0;
}

static void tell_found(struct gatt_explorer *explorer)
{
	for (size_t i = 0; explorer->found && i < explorer->used; i++)
		explorer->found(&explorer->table[i].found, explorer->arg);
	operation_report(explorer,
			 &(struct gatt_result){ .op = explorer->op,
						.status = explorer->refusal });
}

/* Find the next attribute that the operation can begin with. */
static bool operation_find(struct gatt_explorer *explorer)
{
	int status;

	for (; explorer->at < explorer->used; explorer->at++) {
		if (!operation_matches(explorer))
			continue;
		explorer->matched = true;
		status = operation_begin(explorer);
		if (!status)
			return true;
		report_entry(explorer, status);
	}
	if (!explorer->matched)
		operation_report(explorer,
				 &(struct gatt_result){
					 .op = explorer->op,
					 .status = explorer->refusal
							   ? explorer->refusal
							   : GATT_OP_NOT_FOUND,
					 .uuid = operation_of(explorer)->uuid,
				 });
	return false;
}

static void operation_go_on(struct gatt_explorer *explorer)
{
	for (; explorer->op < explorer->count; explorer->op++) {
		if (operation_of(explorer)->kind == GATT_OP_DISCOVER)
			tell_found(explorer);
		else if (operation_find(explorer))
			return;
		explorer->at = 0;
		explorer->matched = false;
	}
	explorer->step = GATT_STEP_DONE;
	explorer->finished = true;
	if (explorer->done)
		explorer->done(explorer->arg);
}

void gatt_operation_start(struct gatt_explorer *explorer)
{
	explorer->at = 0;
	operation_go_on(explorer);
}

/* Report the result and go on to the next attribute. */
static const char *operation_conclude(struct gatt_explorer *explorer,
				      int status)
{
	report_entry(explorer, status);
	explorer->at++;
	operation_go_on(explorer);
	return NULL;
}

static const char *operation_refused(struct gatt_explorer *explorer,
				     uint8_t error)
{
	return operation_conclude(explorer, error);
}

static size_t ask_read(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_READ_REQ;
	put_le16(pdu + 1, handle_of(explorer));
	return 3;
}

static size_t ask_blob(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_READ_BLOB_REQ;
	put_le16(pdu + 1, handle_of(explorer));
	put_le16(pdu + 3, (uint16_t)explorer->len);
	return 5;
}

/* If a part fills its PDU, another may follow, even an empty one. */
static const char *take_part(struct gatt_explorer *explorer,
			     const uint8_t *pdu, size_t len)
{
	const size_t n = len - 1;

	if (n > ATT_VALUE_MAX - explorer->len)
		return "its value is longer than 512 octets";
	if (n)
		memcpy(explorer->value + explorer->len, pdu + 1, n);
	explorer->len += n;
	if (len < explorer->mtu || explorer->len == ATT_VALUE_MAX)
		return operation_conclude(explorer, 0);
	explorer->step = GATT_STEP_READ_BLOB;
	return NULL;
}

static const char *blob_refused(struct gatt_explorer *explorer, uint8_t error)
{
	/* All of the value has been read already (Part F 3.4.4.5). */
	return operation_conclude(
		explorer, error == ATT_ECODE_ATTRIBUTE_NOT_LONG ? 0 : error);
}

static size_t ask_write(struct gatt_explorer *explorer, uint8_t *pdu)
{
	const struct gatt_op *op = operation_of(explorer);

	pdu[0] = explorer->step == GATT_STEP_WRITE ? ATT_WRITE_REQ :
						     ATT_WRITE_CMD;
	put_le16(pdu + 1, handle_of(explorer));
	if (op->len)
		memcpy(pdu + 3, op->value, op->len);
	return 3 + op->len;
}

static const char *take_written(struct gatt_explorer *explorer,
				const uint8_t *pdu, size_t len)
{
	(void)pdu;
	if (len != 1)
		return "its Write Response is malformed";
	return operation_conclude(explorer, 0);
}

void gatt_operation_commanded(struct gatt_explorer *explorer)
{
	operation_conclude(explorer, 0);
}

static size_t ask_extended(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_READ_REQ;
	put_le16(pdu + 1,
		 descriptor(explorer, GATT_EXTENDED_PROPERTIES)->handle);
	return 3;
}

static const char *take_extended(struct gatt_explorer *explorer,
				 const uint8_t *pdu, size_t len)
{
	if (len != 3)
		return "its extended properties are not two octets";
	if (!(pdu[1] & EXTENDED_RELIABLE_WRITE))
		return operation_conclude(explorer, GATT_OP_NOT_SUPPORTED);
	explorer->step = GATT_STEP_PREPARE;
	return NULL;
}

/* How many octets of the value go into the next part. */
static size_t part_len(const struct gatt_explorer *explorer)
{
	const size_t rest = operation_of(explorer)->len - explorer->len;
	const size_t most = explorer->mtu - 5U;

	return rest < most ? rest : most;
}

static size_t ask_prepare(struct gatt_explorer *explorer, uint8_t *pdu)
{
	const size_t n = part_len(explorer);

	pdu[0] = ATT_PREPARE_WRITE_REQ;
	put_le16(pdu + 1, handle_of(explorer));
	put_le16(pdu + 3, (uint16_t)explorer->len);
	if (n)
		memcpy(pdu + 5, operation_of(explorer)->value + explorer->len,
		       n);
	return 5 + n;
}

/* Cancel, so that a later execution does not write what was queued. */
static const char *operation_cancel(struct gatt_explorer *explorer, int status)
{
	explorer->status = status;
	explorer->step = GATT_STEP_CANCEL;
	return NULL;
}

static const char *take_prepared(struct gatt_explorer *explorer,
				 const uint8_t *pdu, size_t len)
{
	uint8_t wanted[ATT_MTU_OFFERED];
	const size_t n = ask_prepare(explorer, wanted);

	if (len != n || memcmp(pdu + 1, wanted + 1, n - 1))
		return operation_cancel(explorer, GATT_OP_DIFFERENT);
	explorer->len += n - 5;
	if (explorer->len == operation_of(explorer)->len)
		explorer->step = GATT_STEP_EXECUTE;
	return NULL;
}

static const char *prepare_refused(struct gatt_explorer *explorer,
				   uint8_t error)
{
	return explorer->len ? operation_cancel(explorer, error)
			     : operation_conclude(explorer, error);
}

static size_t ask_execute(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_EXECUTE_WRITE_REQ;
	pdu[1] = explorer->step == GATT_STEP_EXECUTE ? EXECUTE_WRITE :
						       EXECUTE_CANCEL;
	return 2;
}

static const char *take_executed(struct gatt_explorer *explorer,
				 const uint8_t *pdu, size_t len)
{
	(void)pdu;
	if (len != 1)
		return "its Execute Write Response is malformed";
	return operation_conclude(explorer, explorer->step == GATT_STEP_CANCEL
						    ? explorer->status
						    : 0);
}

/* The reason for cancelling is the result. */
static const char *cancel_refused(struct gatt_explorer *explorer,
				  uint8_t error)
{
	(void)error;
	return operation_conclude(explorer, explorer->status);
}

/* Includes what was subscribed to before on the same characteristic. */
static uint8_t configuration(const struct gatt_explorer *explorer)
{
	return operated_entry(explorer)->configuration |
	       (operation_of(explorer)->kind == GATT_OP_NOTIFY
			? GATT_CONFIGURATION_NOTIFY
			: GATT_CONFIGURATION_INDICATE);
}

static size_t ask_configure(struct gatt_explorer *explorer, uint8_t *pdu)
{
	pdu[0] = ATT_WRITE_REQ;
	put_le16(pdu + 1,
		 descriptor(explorer, GATT_CLIENT_CONFIGURATION)->handle);
	put_le16(pdu + 3, configuration(explorer));
	return 5;
}

static const char *take_configured(struct gatt_explorer *explorer,
				   const uint8_t *pdu, size_t len)
{
	if (len == 1)
		operated_entry(explorer)->configuration =
			configuration(explorer);
	return take_written(explorer, pdu, len);
}

const struct gatt_exchange *gatt_operation_exchange(unsigned int step)
{
	static const struct gatt_exchange exchanges[] = {
		[GATT_STEP_READ] = { ask_read, ATT_READ_RSP, take_part,
				     operation_refused },
		[GATT_STEP_READ_BLOB] = { ask_blob, ATT_READ_BLOB_RSP,
					  take_part, blob_refused },
		[GATT_STEP_WRITE] = { ask_write, ATT_WRITE_RSP, take_written,
				      operation_refused },
		[GATT_STEP_WRITE_COMMAND] = { .request = ask_write },
		[GATT_STEP_EXTENDED] = { ask_extended, ATT_READ_RSP,
					 take_extended, operation_refused },
		[GATT_STEP_PREPARE] = { ask_prepare, ATT_PREPARE_WRITE_RSP,
					take_prepared, prepare_refused },
		[GATT_STEP_EXECUTE] = { ask_execute, ATT_EXECUTE_WRITE_RSP,
					take_executed, operation_refused },
		[GATT_STEP_CANCEL] = { ask_execute, ATT_EXECUTE_WRITE_RSP,
				       take_executed, cancel_refused },
		[GATT_STEP_CONFIGURE] = { ask_configure, ATT_WRITE_RSP,
					  take_configured, operation_refused },
	};

	return &exchanges[step];
}
