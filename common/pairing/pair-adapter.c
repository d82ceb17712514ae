/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/pair-adapter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "bluetooth/bond.h"
#include "pairing/oob-mgmt.h"

/* The lock goes when the process ends, even if it is killed. */
static enum status pair_adapter_lock(struct pair_adapter *on,
				     const struct link_address *which)
{
	char path[160], pid[16] = "";
	ssize_t n;

	snprintf(path, sizeof(path), OOB_NOTES "/%s.lock", which->text);
	mkdir(OOB_NOTES, 0755);
	on->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (on->lock < 0) {
		diag_error("cannot open `%s': %s; this needs to write in "
			   OOB_NOTES, path, strerror(errno));
		return STATUS_REFUSED;
	}
	if (flock(on->lock, LOCK_EX | LOCK_NB) == 0) {
		if (ftruncate(on->lock, 0) < 0 ||
		    dprintf(on->lock, "%d\n", (int)getpid()) < 0)
			diag_debug("%s: %s", path, strerror(errno));
		return STATUS_OK;
	}
	n = read(on->lock, pid, sizeof(pid) - 1);
	diag_error("process %.*s is already pairing on %s: wait for it, or end "
		   "it",
		   n > 0 ? (int)strcspn(pid, "\n") : 1, n > 0 ? pid : "?",
		   which->text);
	return STATUS_REFUSED;
}

static enum status pair_adapter_set_up(struct adapter *adapter,
				       const struct link_address *which,
				       uint8_t io, bool bond)
{
	enum status status = adapter_find(which, adapter);
	int result;

	if (status)
		return status;
	/* Not adapter_open, which reads the address: that may make our
	 * out-of-band data invalid. */
	status = adapter_power(adapter);
	if (!status)
		status = oob_prepare(adapter);
	if (status)
		return status;
	result = adapter_set(adapter, MGMT_SET_BONDABLE, bond);
	if (!result && !adapter_bluetoothd())
		result = mgmt_command(adapter->mgmt, MGMT_SET_IO_CAPABILITY,
				      adapter->index, &io, 1, NULL, NULL);
	if (!result)
		return STATUS_OK;
	diag_error("cannot prepare hci%u for pairing: %s", adapter->index,
		   mgmt_status_name(result));
	return STATUS_REFUSED;
}

enum status pair_adapter_open(struct pair_adapter *on,
			      const struct link_address *which,
			      enum smp_io io, bool bond)
{
	enum status status;

	memset(on, 0, sizeof(*on));
	status = pair_adapter_lock(on, which);
	if (!status)
		status = pair_adapter_set_up(&on->adapter, which, (uint8_t)io,
					     bond);
	if (status)
		pair_adapter_close(on);
	return status;
}

void pair_adapter_close(struct pair_adapter *on)
{
	struct adapter *adapter = &on->adapter;
	const uint32_t changed = adapter->settings ^ adapter->found;

	if (adapter->mgmt && (changed & MGMT_SETTING_BONDABLE))
		adapter_set(adapter, MGMT_SET_BONDABLE,
			    !!(adapter->found & MGMT_SETTING_BONDABLE));
	/* Leave it powered: turning it off would drop the link. */
	adapter_leave(adapter);
	if (on->lock >= 0)
		close(on->lock);
}

int pair_unpair(struct adapter *adapter, const struct link_address *peer,
		bool disconnect)
{
	uint8_t params[MGMT_ADDRESS_SIZE + 1];

	bond_forget(&adapter->controller, &peer->bdaddr);
	mgmt_put_address(params, &peer->bdaddr, peer->bdaddr_type);
	params[7] = disconnect;
	return mgmt_command(adapter->mgmt, MGMT_UNPAIR_DEVICE, adapter->index,
			    params, sizeof(params), NULL, NULL);
}

void pair_use_up(struct adapter *adapter)
{
	struct oob own;

	if (oob_has_remote(adapter->index, NULL))
		oob_clear_remote(adapter);
	if (!oob_read_local(adapter, &own))
		oob_clear(&own);
}
