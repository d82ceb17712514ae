/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers and names: Bluetooth Assigned Numbers.  Layouts: GATT Specification
 * Supplement, Core 5.4 Vol 3 Part G 3.3 and Part C 12.  The language of the
 * layouts is in gatt-format.h.
 */
#include "config.h"
#include "value/gatt-assigned.h"

#include <string.h>

#include "base/bytes.h"
#include "value/gatt-format.h"
#include "base/hex.h"

#define SERVICE(number, name) { number, GATT_KIND_SERVICE, name, NULL },
#define DECLARATION(number, name, format)                                     \
	{ number, GATT_KIND_DECLARATION, name, format },
#define DESCRIPTOR(number, name, format)                                      \
	{ number, GATT_KIND_DESCRIPTOR, name, format },
#define CHARACTERISTIC(number, name, format)                                  \
	{ number, GATT_KIND_CHARACTERISTIC, name, format },

#define TEMPERATURE_MEASUREMENT                                               \
	"flags:b8{fahrenheit,timestamp,type} "                                \
	"[!0]temperature_C:float [0]temperature_F:float [1]timestamp:time "   \
	"[2]type:u8" TEMPERATURE_TYPE
#define TEMPERATURE_TYPE                                                      \
	"{1=armpit,body,ear,finger,gastro-intestinal-tract,mouth,rectum,toe," \
	"tympanum}"
#define BLOOD_PRESSURE_REST                                                   \
	"[1]timestamp:time [2]pulse_bpm:sfloat [3]user:u8!255 "               \
	"[4]status:b16{body-movement,cuff-too-loose,irregular-pulse,"         \
	"pulse-above-range,pulse-below-range,improper-position}"
#define BLOOD_PRESSURE_FLAGS "flags:b8{kpa,timestamp,pulse,user,status} "
#define VALUE_FORMATS                                                         \
	"{1=boolean,uint2,uint4,uint8,uint12,uint16,uint24,uint32,uint48,"    \
	"uint64,uint128,sint8,sint12,sint16,sint24,sint32,sint48,sint64,"     \
	"sint128,float32,float64,medfloat16,medfloat32,uint16-pair,utf8,"     \
	"utf16,struct,medasn1}"

const struct gatt_assigned gatt_assigned_table[] = {
	SERVICE(0x1800, "Generic Access")
	SERVICE(0x1801, "Generic Attribute")
	SERVICE(0x1802, "Immediate Alert")
	SERVICE(0x1803, "Link Loss")
	SERVICE(0x1804, "Tx Power")
	SERVICE(0x1805, "Current Time")
	SERVICE(0x1806, "Reference Time Update")
	SERVICE(0x1807, "Next DST Change")
	SERVICE(0x1808, "Glucose")
	SERVICE(0x1809, "Health Thermometer")
	SERVICE(0x180a, "Device Information")
	SERVICE(0x180d, "Heart Rate")
	SERVICE(0x180e, "Phone Alert Status")
	SERVICE(0x180f, "Battery")
	SERVICE(0x1810, "Blood Pressure")
	SERVICE(0x1811, "Alert Notification")
	SERVICE(0x1812, "Human Interface Device")
	SERVICE(0x1813, "Scan Parameters")
	SERVICE(0x1814, "Running Speed and Cadence")
	SERVICE(0x1815, "Automation IO")
	SERVICE(0x1816, "Cycling Speed and Cadence")
	SERVICE(0x1818, "Cycling Power")
	SERVICE(0x1819, "Location and Navigation")
	SERVICE(0x181a, "Environmental Sensing")
	SERVICE(0x181b, "Body Composition")
	SERVICE(0x181c, "User Data")
	SERVICE(0x181d, "Weight Scale")
	SERVICE(0x181e, "Bond Management")
	SERVICE(0x181f, "Continuous Glucose Monitoring")
	SERVICE(0x1822, "Pulse Oximeter")
	SERVICE(0x1826, "Fitness Machine")
	SERVICE(0x1827, "Mesh Provisioning")
	SERVICE(0x1828, "Mesh Proxy")

	DECLARATION(0x2800, "Primary Service", "value:uuid")
	DECLARATION(0x2801, "Secondary Service", "value:uuid")
	DECLARATION(0x2802, "Include", "handle:u16 end:u16 uuid?:uuid")
	DECLARATION(0x2803, "Characteristic",
		    "properties:b8{broadcast,read,write-without-response,"
		    "write,notify,indicate,authenticated-signed-writes,"
		    "extended-properties} handle:u16 uuid:uuid")

	DESCRIPTOR(0x2900, "Characteristic Extended Properties",
		   "value:b16{reliable-write,writable-auxiliaries}")
	DESCRIPTOR(0x2901, "Characteristic User Description", "value:utf8")
	DESCRIPTOR(0x2902, "Client Characteristic Configuration",
		   "value:b16{notification,indication}")
	DESCRIPTOR(0x2903, "Server Characteristic Configuration",
		   "value:b16{broadcast}")
	DESCRIPTOR(0x2904, "Characteristic Presentation Format",
		   "format:u8" VALUE_FORMATS " exponent:s8 unit_uuid:uuid16 "
		   "namespace:u8{1=bluetooth-sig} description:u16")
	DESCRIPTOR(0x2905, "Characteristic Aggregate Format", "value:u16+")
	DESCRIPTOR(0x2906, "Valid Range", "value:x")
	DESCRIPTOR(0x2907, "External Report Reference", "value:uuid")
	DESCRIPTOR(0x2908, "Report Reference",
		   "report:u8 type:u8{1=input,output,feature}")
	DESCRIPTOR(0x2909, "Number of Digitals", "value:u8")
	DESCRIPTOR(0x290a, "Value Trigger Setting",
		   "condition:u8 setting?:x")
	DESCRIPTOR(0x290b, "Environmental Sensing Configuration",
		   "value:u8{and,or}")
	DESCRIPTOR(0x290c, "Environmental Sensing Measurement", NULL)
	DESCRIPTOR(0x290d, "Environmental Sensing Trigger Setting", NULL)
	DESCRIPTOR(0x290e, "Time Trigger Setting",
		   "condition:u8{none,interval,minimum-interval,count} "
		   "setting?:x")

	CHARACTERISTIC(0x2a00, "Device Name", "value:utf8")
	CHARACTERISTIC(0x2a01, "Appearance", "value:u16")
	CHARACTERISTIC(0x2a04, "Peripheral Preferred Connection Parameters",
		       "minimum_ms:u16*125e-2!65535 "
		       "maximum_ms:u16*125e-2!65535 "
		       "latency:u16 timeout_ms:u16*10!65535")
	CHARACTERISTIC(0x2a05, "Service Changed", "start:u16 end:u16")
	CHARACTERISTIC(0x2a06, "Alert Level", "value:u8{none,mild,high}")
	CHARACTERISTIC(0x2a07, "Tx Power Level", "value:s8(dBm)")
	CHARACTERISTIC(0x2a08, "Date Time", "value:time")
	CHARACTERISTIC(0x2a0f, "Local Time Information",
		       "timezone_min:s8*15!-128 dst_min:u8*15!255")
	CHARACTERISTIC(0x2a14, "Reference Time Information",
		       "source:u8{unknown,ntp,gps,radio,manual,atomic,"
		       "cellular} accuracy_s:u8/8!255 days:u8!255 "
		       "hours:u8!255")
	CHARACTERISTIC(0x2a19, "Battery Level", "value:u8(%)")
	CHARACTERISTIC(0x2a1c, "Temperature Measurement",
		       TEMPERATURE_MEASUREMENT)
	CHARACTERISTIC(0x2a1d, "Temperature Type",
		       "value:u8" TEMPERATURE_TYPE)
	CHARACTERISTIC(0x2a1e, "Intermediate Temperature",
		       TEMPERATURE_MEASUREMENT)
	CHARACTERISTIC(0x2a21, "Measurement Interval", "value:u16(s)")
	CHARACTERISTIC(0x2a23, "System ID", "manufacturer:u40 oui:u24")
	CHARACTERISTIC(0x2a24, "Model Number String", "value:utf8")
	CHARACTERISTIC(0x2a25, "Serial Number String", "value:utf8")
	CHARACTERISTIC(0x2a26, "Firmware Revision String", "value:utf8")
	CHARACTERISTIC(0x2a27, "Hardware Revision String", "value:utf8")
	CHARACTERISTIC(0x2a28, "Software Revision String", "value:utf8")
	CHARACTERISTIC(0x2a29, "Manufacturer Name String", "value:utf8")
	CHARACTERISTIC(0x2a2a,
		       "IEEE 11073-20601 Regulatory Certification Data List",
		       "value:x")
	CHARACTERISTIC(0x2a2b, "Current Time",
		       "time:time weekday:u8{unknown,monday,tuesday,wednesday,"
		       "thursday,friday,saturday,sunday} fraction_s:u8/256 "
		       "reason:b8{manual,reference,timezone,dst}")
	CHARACTERISTIC(0x2a35, "Blood Pressure Measurement",
		       BLOOD_PRESSURE_FLAGS
		       "[!0]systolic_mmHg:sfloat [!0]diastolic_mmHg:sfloat "
		       "[!0]mean_mmHg:sfloat [0]systolic_kPa:sfloat "
		       "[0]diastolic_kPa:sfloat [0]mean_kPa:sfloat "
		       BLOOD_PRESSURE_REST)
	CHARACTERISTIC(0x2a36, "Intermediate Cuff Pressure",
		       BLOOD_PRESSURE_FLAGS
		       "[!0]cuff_mmHg:sfloat [!0]unused1_mmHg:sfloat "
		       "[!0]unused2_mmHg:sfloat [0]cuff_kPa:sfloat "
		       "[0]unused1_kPa:sfloat [0]unused2_kPa:sfloat "
		       BLOOD_PRESSURE_REST)
	CHARACTERISTIC(0x2a37, "Heart Rate Measurement",
		       "flags:b8{rate16,contact,contact-supported,energy,rr} "
		       "[!0]rate_bpm:u8 [0]rate_bpm:u16 [3]energy_kJ:u16 "
		       "[4]rr_s:u16/1024+")
	CHARACTERISTIC(0x2a38, "Body Sensor Location",
		       "value:u8{other,chest,wrist,finger,hand,ear-lobe,foot}")
	CHARACTERISTIC(0x2a39, "Heart Rate Control Point",
		       "value:u8{1=reset-energy-expended}")
	CHARACTERISTIC(0x2a49, "Blood Pressure Feature", NULL)
	CHARACTERISTIC(0x2a50, "PnP ID",
		       "source:u8{1=bluetooth-sig,usb-forum} vendor:u16 "
		       "product:u16 version:u16")
	CHARACTERISTIC(0x2a53, "RSC Measurement",
		       "flags:b8{stride,distance,running} "
		       "speed_m_per_s:u16/256 cadence_per_min:u8 "
		       "[0]stride_m:u16e-2 [1]distance_m:u32e-1")
	CHARACTERISTIC(0x2a54, "RSC Feature",
		       "value:b16{stride,distance,running,calibration,"
		       "multiple-locations}")
	CHARACTERISTIC(0x2a55, "SC Control Point", NULL)
	CHARACTERISTIC(0x2a56, "Digital",
		       "value:pairs{inactive,active,tristate,unknown}")
	CHARACTERISTIC(0x2a58, "Analog", "value:u16")
	CHARACTERISTIC(0x2a5a, "Aggregate", NULL)
	CHARACTERISTIC(0x2a5b, "CSC Measurement",
		       "flags:b8{wheel,crank} [0]wheel_revolutions:u32 "
		       "[0]wheel_time_s:u16/1024 [1]crank_revolutions:u16 "
		       "[1]crank_time_s:u16/1024")
	CHARACTERISTIC(0x2a5c, "CSC Feature",
		       "value:b16{wheel,crank,multiple-locations}")
	CHARACTERISTIC(0x2a5d, "Sensor Location",
		       "value:u8{other,top-of-shoe,in-shoe,hip,front-wheel,"
		       "left-crank,right-crank,left-pedal,right-pedal,"
		       "front-hub,rear-dropout,chainstay,rear-wheel,rear-hub,"
		       "chest,spider,chain-ring}")
	CHARACTERISTIC(0x2a6d, "Pressure", "value:u32e-1(Pa)")
	CHARACTERISTIC(0x2a6e, "Temperature", "value:s16e-2!-32768(°C)")
	CHARACTERISTIC(0x2a6f, "Humidity", "value:u16e-2!65535(%)")
	CHARACTERISTIC(0x2a9d, "Weight Measurement",
		       "flags:b8{imperial,timestamp,user,bmi-and-height} "
		       "[!0]weight_kg:u16*5e-3!65535 "
		       "[0]weight_lb:u16e-2!65535 "
		       "[1]timestamp:time [2]user:u8!255 "
		       "[3]bmi:u16e-1 "
		       "[3,!0]height_m:u16e-3 [3,0]height_in:u16e-1")
	CHARACTERISTIC(0x2a9e, "Weight Scale Feature", NULL)
	CHARACTERISTIC(0x2aa6, "Central Address Resolution",
		       "value:u8{not-supported,supported}")
	CHARACTERISTIC(0x2b29, "Client Supported Features",
		       "features:b8{robust-caching,enhanced-att,"
		       "multiple-notifications} more?:x")
	CHARACTERISTIC(0x2b2a, "Database Hash", "value:x16")
	CHARACTERISTIC(0x2b3a, "Server Supported Features",
		       "features:b8{enhanced-att} more?:x")
};

const size_t gatt_assigned_count =
	sizeof(gatt_assigned_table) / sizeof(*gatt_assigned_table);

const char *gatt_kind_name(enum gatt_kind kind)
{
	switch (kind) {
	case GATT_KIND_SERVICE:
		return "service";
	case GATT_KIND_CHARACTERISTIC:
		return "characteristic";
	case GATT_KIND_DESCRIPTOR:
		return "descriptor";
	case GATT_KIND_DECLARATION:
		return "declaration";
	default:
		return "attribute";
	}
}

const struct gatt_assigned *gatt_assigned_find(uint16_t number)
{
	size_t low = 0, high = gatt_assigned_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct gatt_assigned *at = &gatt_assigned_table[middle];

		if (at->number == number)
			return at;
		if (at->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool gatt_uuid_number(const struct gatt_uuid *uuid, uint16_t *number)
{
	struct gatt_uuid small;

	if (uuid->len != 2 && uuid->len != 16)
		return false;
	*number = get_le16(uuid->value + (uuid->len == 16 ? 12 : 0));
	small = gatt_uuid16(*number);
	return gatt_uuid_equal(&small, uuid);
}

const struct gatt_assigned *gatt_assigned_of(const struct gatt_uuid *uuid)
{
	uint16_t number;

	return gatt_uuid_number(uuid, &number) ? gatt_assigned_find(number)
					       : NULL;
}

/* The groups of digits of a UUID as text, most significant octet first. */
static const uint8_t groups[] = { 4, 2, 2, 2, 6 };

static bool parse_long(const char *text, struct gatt_uuid *uuid)
{
	uint8_t *p = uuid->value + 16;
	uint16_t number;

	if (strlen(text) != GATT_UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < sizeof(groups); i++) {
		if (i && *text++ != '-')
			return false;
		for (uint8_t n = 0; n < groups[i]; n++, text += 2) {
			int high = hex_digit(text[0]), low = hex_digit(text[1]);

			if (high < 0 || low < 0)
				return false;
			*--p = (uint8_t)(high << 4 | low);
		}
	}
	uuid->len = 16;
	if (gatt_uuid_number(uuid, &number))
		*uuid = gatt_uuid16(number);
	return true;
}

static bool named(const struct gatt_assigned *entry, const char *text)
{
	static const char suffix[] = " service";
	size_t len = strlen(text), name_len = strlen(entry->name);
	size_t suffix_len = sizeof(suffix) - 1;

	if (gatt_name_equal(entry->name, name_len, text, len))
		return true;
	return entry->kind == GATT_KIND_SERVICE &&
	       len == name_len + suffix_len &&
	       gatt_name_equal(entry->name, name_len, text, name_len) &&
	       gatt_name_equal(suffix, suffix_len, text + name_len, suffix_len);
}

enum gatt_named gatt_uuid_parse(const char *text, unsigned int kinds,
				struct gatt_uuid *uuid)
{
	const struct gatt_assigned *found = NULL;
	const char *digits = text;
	struct gatt_uuid parsed;
	uint8_t octets[2];

	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		digits += 2;
	if (hex_decode(digits, octets, sizeof(octets))) {
		*uuid = gatt_uuid16((uint16_t)(octets[0] << 8 | octets[1]));
		return GATT_NAMED_ONE;
	}
	if (parse_long(text, &parsed)) {
		*uuid = parsed;
		return GATT_NAMED_ONE;
	}
	for (size_t i = 0; i < gatt_assigned_count; i++) {
		const struct gatt_assigned *entry = &gatt_assigned_table[i];

		if (!(entry->kind & kinds) || !named(entry, text))
			continue;
		if (found)
			return GATT_NAMED_SEVERAL;
		found = entry;
	}
	if (!found)
		return GATT_NAMED_NONE;
	*uuid = gatt_uuid16(found->number);
	return GATT_NAMED_ONE;
}

void gatt_uuid_print(const struct gatt_uuid *uuid, char text[GATT_UUID_TEXT])
{
	const uint8_t *p = uuid->value + 16;
	uint16_t number;

	*text = '\0';
	if (gatt_uuid_number(uuid, &number)) {
		uint8_t octets[2] = { (uint8_t)(number >> 8),
				      (uint8_t)number };

		hex_encode(octets, sizeof(octets), HEX_LOWER, text);
		return;
	}
	if (uuid->len != 16)
		return;
	for (size_t i = 0; i < sizeof(groups); i++) {
		if (i)
			*text++ = '-';
		for (uint8_t n = 0; n < groups[i]; n++, text += 2)
			hex_encode(--p, 1, HEX_LOWER, text);
	}
}
