/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "bluetooth/advert.h"

#include <string.h>

#include "value/ad.h"
#include "att/att.h"
#include "base/bytes.h"

#define ADVERT_CONNECTABLE (1U << 0)
#define ADVERT_DISCOVERABLE (1U << 1)

#define AD_MAX 31
#define AD_FLAGS_SIZE 3		/* the kernel adds the Flags structure */

#define LE_PUBLIC_AND_RANDOM 0x06

/* Returns an unused instance, since other programs may advertise on this
 * adapter too, or 0 if all are in use. */
static uint8_t advert_free_instance(struct adapter *adapter)
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

static uint8_t *advert_put(uint8_t *p, uint8_t type, const void *data,
			   size_t len)
{
	*p++ = (uint8_t)(1 + len);
	*p++ = type;
	memcpy(p, data, len);
	return p + len;
}

static uint8_t *advert_put_services(uint8_t *p, const uint8_t *end,
				    const struct advert *advert)
{
	uint8_t list[AD_MAX];
	size_t len = 0, fit = 0, short_ones = 0;

	for (size_t i = 0; i < advert->service_count; i++)
		short_ones += advert->services[i].len == 2;
	for (size_t i = 0; i < advert->service_count; i++) {
		if (advert->services[i].len != 2 || end - p < 4 + (long)len)
			continue;
		memcpy(list + len, advert->services[i].value, 2);
		len += 2;
		fit++;
	}
	return len ? advert_put(p, fit == short_ones ? AD_UUID16_ALL
						     : AD_UUID16_SOME,
				list, len)
		   : p;
}

/* Parameters of Add Advertising: instance, flags, duration, timeout, length of
 * the advertising data and of the scan response, both data.  Returns the
 * length. */
static size_t advert_build(uint8_t params[11 + 2 * AD_MAX], uint8_t instance,
			   const struct advert *advert)
{
	const size_t name_len = advert->name ? strlen(advert->name) : 0;
	const bool whole = name_len <= AD_MAX - 2;
	uint8_t appearance[2], *p = params + 11;

	memset(params, 0, 11);
	params[0] = instance;
	put_le32(params + 1, ADVERT_CONNECTABLE | ADVERT_DISCOVERABLE);
	if (!advert->name)
		return 11;
	p = advert_put(p, AD_UUID128_ALL, tunnel_uuid_service.value, 16);
	put_le16(appearance, advert->appearance);
	if (advert->appearance)
		p = advert_put(p, AD_APPEARANCE, appearance, 2);
	p = advert_put_services(p, params + 11 + AD_MAX - AD_FLAGS_SIZE,
				advert);
	params[9] = (uint8_t)(p - params - 11);
	p = advert_put(p, whole ? AD_NAME_COMPLETE : AD_NAME_SHORT,
		       advert->name, whole ? name_len : AD_MAX - 2);
	params[10] = (uint8_t)(p - params - 11 - params[9]);
	return (size_t)(p - params);
}

enum status advert_start(struct adapter *adapter, const struct advert *advert,
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
		*instance = advert_free_instance(adapter);
	if (!*instance) {
		diag_error("hci%u has no advertising instance left: another "
			   "program uses them, or one left them behind when it "
			   "was killed (btmgmt clr-adv)", adapter->index);
		return STATUS_REFUSED;
	}
	status = mgmt_command(adapter->mgmt, MGMT_ADD_ADVERTISING,
			      adapter->index, params,
			      advert_build(params, *instance, advert), added,
			      &len);
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

	/* Busy: another program is scanning, and we get its events too. */
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

static bool advert_has_service(const uint8_t *uuids, size_t len)
{
	for (; len >= 16; uuids += 16, len -= 16)
		if (!memcmp(uuids, tunnel_uuid_service.value, 16))
			return true;
	return false;
}

static bool advert_is_name(uint8_t type, const uint8_t *text, size_t len,
			   const char *name)
{
	if (type == AD_NAME_COMPLETE)
		return len == strlen(name) && !memcmp(text, name, len);
	return type == AD_NAME_SHORT && len && len <= strlen(name) &&
	       !memcmp(text, name, len);
}

/* Device Found: address, type, RSSI, flags, length of the data that follows. */
#define FOUND_HEAD (MGMT_ADDRESS_SIZE + 1 + 4 + 2)
#define FOUND_NOT_CONNECTABLE (1U << 2)

static bool advert_found_valid(const uint8_t *event, size_t len)
{
	return len >= FOUND_HEAD && event[6] != BDADDR_BREDR &&
	       len - FOUND_HEAD == get_le16(event + FOUND_HEAD - 2);
}

size_t advert_data(const uint8_t *event, size_t len,
		   const struct link_address *address, const uint8_t **data)
{
	if (!advert_found_valid(event, len) ||
	    event[6] != address->bdaddr_type ||
	    memcmp(event, &address->bdaddr, 6) != 0 ||
	    (get_le32(event + 8) & FOUND_NOT_CONNECTABLE))
		return 0;
	*data = event + FOUND_HEAD;
	return len - FOUND_HEAD;
}

bool advert_found(const uint8_t *event, size_t len, const char *name,
		  struct link_address *address)
{
	const uint8_t *p;
	struct ad ad;
	bool service = false, named = false;

	if (!advert_found_valid(event, len))
		return false;
	p = event + FOUND_HEAD;
	while (ad_next(&p, event + len, &ad)) {
		if (ad.type == AD_UUID128_SOME || ad.type == AD_UUID128_ALL)
			service = service ||
				  advert_has_service(ad.data, ad.len);
		else
			named = named || advert_is_name(ad.type, ad.data,
							ad.len, name);
	}
	if (!service || !named)
		return false;
	memcpy(&address->bdaddr, event, sizeof(address->bdaddr));
	address->bdaddr_type = event[6];
	ba2str(&address->bdaddr, address->text);
	address->kind = LINK_DEVICE;
	return true;
}
