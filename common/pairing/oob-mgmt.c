/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/oob-mgmt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "base/bytes.h"

const char *oob_obstacle(const struct adapter *adapter, const char **help)
{
	*help = "";
	if (!(adapter->supported & MGMT_SETTING_LE))
		return "it does not support Bluetooth Low Energy";
	if (!(adapter->supported & MGMT_SETTING_SECURE_CONNECTIONS))
		return "it does not support Secure Connections";
	if (adapter->settings & MGMT_SETTING_PRIVACY) {
		*help = "btmgmt privacy off, while it is off";
		return "privacy is on, and the kernel then gives no "
		       "out-of-band data";
	}
	if (adapter->settings & MGMT_SETTING_DEBUG_KEYS) {
		*help = "btmgmt debug-keys off";
		return "it uses debug keys, which everybody knows";
	}
	return NULL;
}

static enum status oob_refuse(const struct adapter *adapter, const char *what,
			      int status)
{
	diag_error("cannot %s of hci%u: %s%s", what, adapter->index,
		   mgmt_status_name(status), mgmt_status_help(status));
	return STATUS_REFUSED;
}

enum status oob_prepare(struct adapter *adapter)
{
	const char *help, *obstacle = oob_obstacle(adapter, &help);
	int status = 0;

	if (obstacle) {
		diag_error("hci%u cannot pair out of band: %s%s%s",
			   adapter->index, obstacle, *help ? "; " : "", help);
		return STATUS_REFUSED;
	}
	if ((adapter->settings & MGMT_SETTING_BREDR) &&
	    !(adapter->settings & MGMT_SETTING_SIMPLE_PAIRING))
		status = adapter_set(adapter, MGMT_SET_SIMPLE_PAIRING, 1);
	/* Set it even if it is on: "only" has the same bit, and fails on LE. */
	if (!status)
		status = adapter_set(adapter, MGMT_SET_SECURE_CONNECTIONS, 1);
	if (status)
		return oob_refuse(adapter, "switch on the Secure Connections",
				  status);
	return STATUS_OK;
}

enum status oob_read_local(struct adapter *adapter, struct oob *oob)
{
	uint8_t reply[256];
	size_t len = sizeof(reply);
	int status = adapter_read_local_oob(adapter, reply, &len);
	const char *fault = NULL;

	if (status)
		return oob_refuse(adapter, "read the out-of-band data", status);
	if (len < 3 || len != 3U + get_le16(reply + 1))
		fault = "the reply has a wrong length";
	else
		fault = oob_decode_eir(reply + 3, len - 3, oob);
	OPENSSL_cleanse(reply, sizeof(reply));
	if (fault) {
		diag_error("cannot use the out-of-band data of hci%u: %s",
			   adapter->index, fault);
		return STATUS_REFUSED;
	}
	return STATUS_OK;
}

/* The file that records whose data hciN was given. */
static void oob_notes_path(uint16_t index, char path[64])
{
	snprintf(path, 64, OOB_NOTES "/hci%u.oob", index);
}

/*
 * Tells controllers with the same number apart.  A number is used again after a
 * controller is unplugged, and the kernel has dropped that one's data.
 */
static unsigned long long oob_controller_id(uint16_t index)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/class/bluetooth/hci%u", index);
	return stat(path, &st) ? 0 : (unsigned long long)st.st_ino;
}

static void oob_note(const struct adapter *adapter, const bdaddr_t *bdaddr)
{
	char path[64], text[18];
	FILE *file;

	oob_notes_path(adapter->index, path);
	mkdir(OOB_NOTES, 0755);
	file = fopen(path, "ae");
	ba2str(bdaddr, text);
	if (!file || fprintf(file, "%s %llu\n", text,
			      oob_controller_id(adapter->index)) < 0)
		diag_warn("cannot note in `%s' that data of %s was added: %s",
			  path, text, strerror(errno));
	if (file)
		fclose(file);
}

bool oob_has_remote(uint16_t index, const bdaddr_t *bdaddr)
{
	char path[64], line[64], text[18] = "", is[18];
	unsigned long long id, own = oob_controller_id(index);
	FILE *file;
	bool found = false;

	oob_notes_path(index, path);
	if (bdaddr)
		ba2str(bdaddr, text);
	file = fopen(path, "re");
	while (file && !found && fgets(line, sizeof(line), file))
		/* NOLINTNEXTLINE(cert-err34-c): it is our own file */
		found = sscanf(line, "%17s %llu", is, &id) == 2 && id == own &&
			(!bdaddr || !strcmp(is, text));
	if (file)
		fclose(file);
	return found;
}

enum status oob_add_remote(struct adapter *adapter, const struct oob *oob)
{
	/* Address; confirm and random for P-192, then for P-256. */
	uint8_t params[MGMT_ADDRESS_SIZE + 4 * OOB_VALUE] = { 0 };
	int status;

	mgmt_put_address(params, &oob->bdaddr, oob->type);
	memcpy(params + MGMT_ADDRESS_SIZE + 2 * OOB_VALUE, oob->confirm,
	       OOB_VALUE);
	memcpy(params + MGMT_ADDRESS_SIZE + 3 * OOB_VALUE, oob->random,
	       OOB_VALUE);
	status = mgmt_command(adapter->mgmt, MGMT_ADD_REMOTE_OOB_DATA,
			      adapter->index, params, sizeof(params), NULL,
			      NULL);
	OPENSSL_cleanse(params, sizeof(params));
	if (status)
		return oob_refuse(adapter, "add to the out-of-band data",
				  status);
	oob_note(adapter, &oob->bdaddr);
	return STATUS_OK;
}

enum status oob_clear_remote(struct adapter *adapter)
{
	/* The address 0 means all; the kernel removes a single peer's data only
	 * for BR/EDR. */
	const uint8_t any[MGMT_ADDRESS_SIZE] = { 0 };
	char path[64];
	int status = mgmt_command(adapter->mgmt, MGMT_REMOVE_REMOTE_OOB_DATA,
				  adapter->index, any, sizeof(any), NULL,
				  NULL);

	if (status)
		return oob_refuse(adapter, "clear the out-of-band data",
				  status);
	oob_notes_path(adapter->index, path);
	unlink(path);
	return STATUS_OK;
}
