/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "advert.h"

#include <string.h>

#include "ad.h"
#include "att.h"
#include "bytes.h"

#define ADVERT_CONNECTABLE (1U << 0)
#define ADVERT_DISCOVERABLE (1U << 1)

#define AD_MAX 31

#define LE_PUBLIC_AND_RANDOM 0x06

/* A free instance: others may advertise on this adapter too. */
static uint8_t free_instance(struct adapter *adapter)
{
	uint8_t features[8 + 255];
	size_t len = sizeof(features);
	int status = mgmt_command(adapter->mgmt,
				  MGMT_READ_ADVERTISING_FEATURES,
				  adapter->index, NULL, 0, features, &len);

	if (status || len < 8)
		return 1;
	for (uint8_t i = 1; i <= features[6]; i++)
		if (!memchr(features + 8, i, len - 8))
			return i;
	return 0;
}

/* Add Advertising: instance, flags, duration, timeout, lengths, data. */
static size_t build(uint8_t params[11 + 2 * AD_MAX], uint8_t instance,
		    const char *name)
{
	size_t name_len = name ? strlen(name) : 0;
	uint8_t *p = params + 11;
	bool whole = name_len <= AD_MAX - 2;

	if (!whole)
		name_len = AD_MAX - 2;
	memset(params, 0, 11);
	params[0] = instance;
	put_le32(params + 1, ADVERT_CONNECTABLE | ADVERT_DISCOVERABLE);
	if (!name)
		return 11;
	*p++ = 17;
	*p++ = AD_UUID128_ALL;
	memcpy(p, tunnel_uuid_service.value, 16);
	p += 16;
	params[9] = 18;
	*p++ = (uint8_t)(1 + name_len);
	*p++ = whole ? AD_NAME_COMPLETE : AD_NAME_SHORT;
	memcpy(p, name, name_len);
	params[10] = (uint8_t)(2 + name_len);
	return 11U + params[9] + params[10];
}

enum status advert_start(struct adapter *adapter, const char *name,
			 uint8_t *instance)
{
	uint8_t params[11 + 2 * AD_MAX];
	uint8_t added[1];
	size_t len = sizeof(added);
	int status;

	if (*instance)
		mgmt_command(adapter->mgmt, MGMT_REMOVE_ADVERTISING,
			     adapter->index, instance, 1, NULL, NULL);
	else
		*instance = free_instance(adapter);
	if (!*instance) {
		diag_error("hci%u has no advertising instance left: another "
			   "program uses them, or one left them behind when it "
			   "was killed (btmgmt clr-adv)", adapter->index);
		return STATUS_REFUSED;
	}
	status = mgmt_command(adapter->mgmt, MGMT_ADD_ADVERTISING,
			      adapter->index, params,
			      build(params, *instance, name), added, &len);
	if (!status)
		return STATUS_OK;
	*instance = 0;
	diag_error("cannot advertise on hci%u: %s%s", adapter->index,
		   mgmt_status_name(status),
		   mgmt_status_help(status));
	return STATUS_REFUSED;
}

void advert_stop(struct adapter *adapter, uint8_t *instance)
{
	if (*instance)
		mgmt_command(adapter->mgmt, MGMT_REMOVE_ADVERTISING,
			     adapter->index, instance, 1, NULL, NULL);
	*instance = 0;
}

enum status advert_scan(struct adapter *adapter)
{
	const uint8_t types = LE_PUBLIC_AND_RANDOM;
	int status = mgmt_command(adapter->mgmt, MGMT_START_DISCOVERY,
				  adapter->index, &types, 1, NULL, NULL);

	/* Busy: somebody else is looking; what is found, we hear too. */
	if (!status || status == 0x0a)
		return STATUS_OK;
	diag_error("cannot scan on hci%u: %s%s", adapter->index,
		   mgmt_status_name(status),
		   mgmt_status_help(status));
	return STATUS_REFUSED;
}

void advert_scan_stop(struct adapter *adapter)
{
	const uint8_t types = LE_PUBLIC_AND_RANDOM;

	mgmt_command(adapter->mgmt, MGMT_STOP_DISCOVERY, adapter->index, &types,
		     1, NULL, NULL);
}

static bool has_service(const uint8_t *uuids, size_t len)
{
	for (; len >= 16; uuids += 16, len -= 16)
		if (!memcmp(uuids, tunnel_uuid_service.value, 16))
			return true;
	return false;
}

static bool is_name(uint8_t type, const uint8_t *text, size_t len,
		    const char *name)
{
	if (type == AD_NAME_COMPLETE)
		return len == strlen(name) && !memcmp(text, name, len);
	return type == AD_NAME_SHORT && len && len <= strlen(name) &&
	       !memcmp(text, name, len);
}

bool advert_found(const uint8_t *event, size_t len, const char *name,
		  struct link_address *address)
{
	/* Address, type, RSSI, flags, length of the data. */
	const size_t head = MGMT_ADDRESS_SIZE + 1 + 4 + 2;
	const uint8_t *p = event + head;
	struct ad ad;
	bool service = false, named = false;

	if (len < head || event[6] == BDADDR_BREDR ||
	    len != head + get_le16(event + head - 2))
		return false;
	while (ad_next(&p, event + len, &ad)) {
		if (ad.type == AD_UUID128_SOME || ad.type == AD_UUID128_ALL)
			service = service || has_service(ad.data, ad.len);
		else
			named = named || is_name(ad.type, ad.data, ad.len,
						 name);
	}
	if (!service || !named)
		return false;
	memcpy(&address->bdaddr, event, sizeof(address->bdaddr));
	address->bdaddr_type = event[6];
	ba2str(&address->bdaddr, address->text);
	address->kind = LINK_DEVICE;
	return true;
}
