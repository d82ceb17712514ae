/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/adapter.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "value/ad.h"
#include "bluetooth/bond.h"
#include "base/bytes.h"

/* Offsets in the reply to Read Controller Information: address, version,
 * manufacturer, supported and current settings, class, names. */
#define INFO_SIZE 280
#define INFO_MANUFACTURER 7
#define INFO_SUPPORTED 9
#define INFO_CURRENT 13
#define INFO_NAME 20
#define NAME_SIZE 249

static void adapter_list(const uint8_t *list, size_t len, char *text,
			 size_t size)
{
	size_t count = len >= 2 ? get_le16(list) : 0;
	int n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && 2 + 2 * i + 2 <= len &&
			   n < (int)size - 10; i++)
		n += snprintf(text + n, size - (size_t)n, "%shci%u",
			      i ? ", " : "", get_le16(list + 2 + 2 * i));
}

static enum status adapter_choose(struct adapter *adapter,
				  const struct link_address *which)
{
	uint8_t list[2 + 2 * 64];
	size_t len = sizeof(list);
	char names[128];
	int status = mgmt_command(adapter->mgmt, MGMT_READ_INDEX_LIST,
				  MGMT_INDEX_NONE, NULL, 0, list, &len);

	if (status || len < 2) {
		diag_error("cannot list the adapters: %s",
			   mgmt_status_name(status));
		return STATUS_REFUSED;
	}
	adapter_list(list, len, names, sizeof(names));
	adapter->index = MGMT_INDEX_NONE;
	for (size_t i = 2; i + 2 <= len; i += 2) {
		uint16_t index = get_le16(list + i);

		/* The kernel lists the newest first; take the lowest number. */
		if (which ? index == which->index : index < adapter->index)
			adapter->index = index;
	}
	if (adapter->index != MGMT_INDEX_NONE)
		return STATUS_OK;
	if (which)
		diag_error("there is no adapter %s; there is %s", which->text,
			   *names ? names : "none at all: unix:PATH works "
			   "without one");
	else
		diag_error("there is no Bluetooth adapter: unix:PATH works "
			   "without one");
	return STATUS_LINK;
}

int adapter_set(struct adapter *adapter, uint16_t opcode, uint8_t value)
{
	uint8_t reply[4];
	size_t len = sizeof(reply);
	int status = mgmt_command(adapter->mgmt, opcode, adapter->index, &value,
				  1, reply, &len);

	if (!status && len == 4)
		adapter->settings = get_le32(reply);
	return status;
}

static enum status adapter_switch_on(struct adapter *adapter, uint32_t setting,
				     uint16_t opcode, const char *what)
{
	int status;

	if (adapter->settings & setting)
		return STATUS_OK;
	status = adapter_set(adapter, opcode, 1);
	if (!status)
		return STATUS_OK;
	diag_error("cannot switch %s of hci%u on: %s%s", what, adapter->index,
		   mgmt_status_name(status), mgmt_status_help(status));
	return STATUS_REFUSED;
}

static enum status adapter_read_info(struct adapter *adapter)
{
	uint8_t info[INFO_SIZE];
	size_t len = sizeof(info);
	int status = mgmt_command(adapter->mgmt, MGMT_READ_INFO, adapter->index,
				  NULL, 0, info, &len);
	struct link_address *address = &adapter->address;

	if (status || len < INFO_CURRENT + 4) {
		diag_error("cannot ask hci%u: %s", adapter->index,
			   mgmt_status_name(status));
		return STATUS_REFUSED;
	}
	memcpy(&address->bdaddr, info, sizeof(address->bdaddr));
	bacpy(&adapter->controller, &address->bdaddr);
	ba2str(&address->bdaddr, address->text);
	address->kind = LINK_DEVICE;
	address->bdaddr_type = BDADDR_LE_PUBLIC;
	adapter->manufacturer = get_le16(info + INFO_MANUFACTURER);
	adapter->supported = get_le32(info + INFO_SUPPORTED);
	adapter->found = adapter->settings = get_le32(info + INFO_CURRENT);
	if (len >= INFO_NAME + NAME_SIZE)
		snprintf(adapter->name, sizeof(adapter->name), "%.*s",
			 NAME_SIZE - 1, (const char *)info + INFO_NAME);
	return STATUS_OK;
}

int adapter_read_local_oob(struct adapter *adapter, uint8_t *reply,
			   size_t *len)
{
	const uint8_t types = 1 << BDADDR_LE_PUBLIC | 1 << BDADDR_LE_RANDOM;

	return mgmt_command(adapter->mgmt, MGMT_READ_LOCAL_OOB_EXTENDED_DATA,
			    adapter->index, &types, 1, reply, len);
}

enum status adapter_read_address(struct adapter *adapter)
{
	struct link_address *address = &adapter->address;
	uint8_t reply[256];
	const uint8_t *p = reply + 3;
	size_t len = sizeof(reply);
	struct ad ad;
	int status;
	bool found = false;

	if (bacmp(&address->bdaddr, BDADDR_ANY) &&
	    !(adapter->settings & MGMT_SETTING_STATIC_ADDRESS))
		return STATUS_OK;
	status = adapter_read_local_oob(adapter, reply, &len);
	while (!status && len > 3 && ad_next(&p, reply + len, &ad)) {
		if (ad.type != AD_LE_ADDRESS || ad.len != 7)
			continue;
		memcpy(&address->bdaddr, ad.data, sizeof(address->bdaddr));
		address->bdaddr_type = ad.data[6] & 1 ? BDADDR_LE_RANDOM
						      : BDADDR_LE_PUBLIC;
		ba2str(&address->bdaddr, address->text);
		found = true;
	}
	OPENSSL_cleanse(reply, sizeof(reply));
	if (found && bacmp(&address->bdaddr, BDADDR_ANY))
		return STATUS_OK;
	diag_error("hci%u has neither a public nor a static address; set one "
		   "(btmgmt static-addr, while it is off)", adapter->index);
	return STATUS_REFUSED;
}

bool adapter_bluetoothd(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	char path[300], name[32];
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		FILE *file;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		file = fopen(path, "re");
		found = file && fgets(name, sizeof(name), file) &&
			!strcmp(name, "bluetoothd\n");
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
	return found;
}

enum status adapter_power(struct adapter *adapter)
{
	enum status status;

	if (!(adapter->supported & MGMT_SETTING_LE)) {
		diag_error("hci%u does not support Bluetooth Low Energy",
			   adapter->index);
		return STATUS_REFUSED;
	}
	status = adapter_switch_on(adapter, MGMT_SETTING_LE, MGMT_SET_LE,
				   "Low Energy");
	if (!status)
		status = adapter_switch_on(adapter, MGMT_SETTING_POWERED,
					   MGMT_SET_POWERED, "the power");
	/*
	 * Load Long Term Keys replaces all keys in the kernel.  Nobody has used
	 * the adapter before it is powered on, so no keys are lost.
	 */
	if (!status && !(adapter->found & MGMT_SETTING_POWERED) &&
	    !adapter_bluetoothd())
		bond_load(adapter->mgmt, adapter->index,
			  &adapter->controller);
	return status;
}

enum status adapter_find(const struct link_address *which,
			 struct adapter *adapter)
{
	enum status status;

	memset(adapter, 0, sizeof(*adapter));
	status = mgmt_open(&adapter->mgmt);
	if (status)
		return status;
	status = adapter_choose(adapter, which);
	if (!status)
		status = adapter_read_info(adapter);
	if (status)
		adapter_close(adapter);
	return status;
}

enum status adapter_open(const struct link_address *which,
			 struct adapter *adapter)
{
	enum status status = adapter_find(which, adapter);

	if (status)
		return status;
	status = adapter_power(adapter);
	if (!status)
		status = adapter_read_address(adapter);
	if (status)
		adapter_close(adapter);
	return status;
}

void adapter_close(struct adapter *adapter)
{
	uint32_t changed = adapter->settings & ~adapter->found;

	if (!adapter->mgmt)
		return;
	if (changed & MGMT_SETTING_POWERED)
		adapter_set(adapter, MGMT_SET_POWERED, 0);
	if (changed & MGMT_SETTING_LE)
		adapter_set(adapter, MGMT_SET_LE, 0);
	mgmt_close(adapter->mgmt);
	adapter->mgmt = NULL;
}

void adapter_leave(struct adapter *adapter)
{
	adapter->found = adapter->settings;
	adapter_close(adapter);
}
