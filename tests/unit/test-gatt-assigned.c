/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assigned numbers by number and name; values by their formats, both ways. */
/* takes: 6 s with valgrind */
#include "config.h"
#include "value/gatt-assigned.h"
#include "value/gatt-format.h"
#include "value/gatt-value.h"
#include "base/hex.h"
#include "format.h"
#include "unit.h"

#define DUMP (JSON_COMPACT | JSON_REAL_PRECISION(GATT_DIGITS))

static void the_table_is_sorted_and_valid(void)
{
	uint16_t last = 0;

	for (size_t i = 0; i < gatt_assigned_count; i++) {
		const struct gatt_assigned *a = &gatt_assigned_table[i];
		struct gatt_uuid uuid;
		struct gatt_format format;

		CHECK(a->number > last);
		last = a->number;
		CHECK(strcmp(gatt_kind_name(a->kind), "attribute") != 0);
		CHECK(gatt_assigned_find(a->number) == a);
		CHECK(!a->format || a->kind != GATT_KIND_SERVICE);
		if (a->format && !format_is_good(a->format, &format)) {
			fprintf(stderr, "%s: %s\n", a->name, a->format);
			exit(1);
		}
		CHECK(gatt_uuid_parse(a->name, a->kind, &uuid) ==
		      GATT_NAMED_ONE);
		CHECK(gatt_assigned_of(&uuid) == a);
	}
	CHECK(!gatt_assigned_find(0) && !gatt_assigned_find(0xffff));
	CHECK(!gatt_assigned_find(0x2a02));
}

static void formats_that_are_none(void)
{
	static const char *const bad[] = {
		"", " ", "value", "value:", "value:u9", "value:u8 ",
		"name:u8", "a:utf8 b:u8", "a:u8+ b:u8",
		"a?:u8 b:u8", "value:utf8+", "value:u8(", "value:u8()",
		"a:u8(%) b:u8", "value:u8/3", "value:u8/2048", "value:u8e10",
		"value:u8*0", "value:sfloat*2", "value:u8!256", "value:s8!128",
		"value:b8!1", "value:u8{}", "value:u8{a,,b}", "value:u8{a",
		"value:u8{1=a,1=b}", "value:b8{8=a}", "value:u8{256=a}",
		"value:pairs{4=a}", "value:s8{a}", "value:u8*2{a}",
		"value:u48e-1", "value:u32/1024", "value:u48*2", "value:x513",
		"value:x0", "a:u8 [0]b:u8", "a:b8 [8]b:u8", "a:b8 [0b:u8",
		"a:b8 [0,0]b:u8", "a:b8 [-1]b:u8", "value:u8x", "unit:u8",
		"[0]a:b8 b:u8", "a:b8 [0] b:u8", "value:b8(%)x",
		"value:u8*99999999999999999999", "value:u8(0123456789ab)",
		"a:u8 a:u8", "a:b8 [0]b:u8 [1]b:u8", "value:u8{a,b,A}",
		"a:u8 a123456789012345678901234567890123456789:u8",
		("a:u8 b:u8 c:u8 d:u8 e:u8 f:u8 g:u8 h:u8 i:u8 j:u8 k:u8 l:u8 "
		"m:u8 n:u8 o:u8 p:u8 q:u8"),
	};
	struct gatt_format format;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (format_is_good(bad[i], &format)) {
			fprintf(stderr, "taken: '%s'\n", bad[i]);
			exit(1);
		}
	CHECK(format_is_good("a:b8{x,3=y} [3,!0]b:s24*5e-2/8!-1", &format));
	CHECK(format.fields[1].mask == 9 && format.fields[1].want == 8);
	CHECK(format.fields[1].multiply == 5 && format.fields[1].halves == 3);
	CHECK(format.fields[1].exponent == -2 && format.fields[1].null == -1);
	CHECK(gatt_field_value_of(&format.fields[0], "Y") == 3);
}

static bool is(const char *text, unsigned int kinds, const char *wanted)
{
	struct gatt_uuid uuid;
	char printed[GATT_UUID_TEXT];

	if (gatt_uuid_parse(text, kinds, &uuid) != GATT_NAMED_ONE)
		return false;
	gatt_uuid_print(&uuid, printed);
	return !strcmp(printed, wanted);
}

static void uuids_as_text(void)
{
	static const char own[] = "92920001-08cf-48be-bf4d-1ec88ca40b88";
	static const char base[] = "00002A37-0000-1000-8000-00805F9B34FB";
	struct gatt_uuid uuid = { 0 };
	char text[GATT_UUID_TEXT] = "x";
	const unsigned int any = GATT_KIND_ANY;

	CHECK(is("2a37", any, "2a37") && is("0x2A37", any, "2a37"));
	CHECK(is("0XFFFF", GATT_KIND_SERVICE, "ffff"));
	CHECK(is(base, any, "2a37") && is(own, any, own));
	CHECK(gatt_uuid_parse(own, any, &uuid) == GATT_NAMED_ONE);
	CHECK(gatt_uuid_equal(&uuid, &tunnel_uuid_service));
	CHECK(!gatt_assigned_of(&uuid));
	CHECK(gatt_uuid_parse(base, any, &uuid) == GATT_NAMED_ONE);
	CHECK(uuid.len == 2);
	/* the long form, as sent over the air */
	memcpy(&uuid, &(struct gatt_uuid){ 16, { 0xfb, 0x34, 0x9b, 0x5f, 0x80,
	       0, 0, 0x80, 0, 0x10, 0, 0, 0x19, 0x2a } }, sizeof(uuid));
	gatt_uuid_print(&uuid, text);
	CHECK(!strcmp(text, "2a19") && gatt_assigned_of(&uuid));
	uuid.value[15] = 1;
	gatt_uuid_print(&uuid, text);
	CHECK(!strcmp(text, "01002a19-0000-1000-8000-00805f9b34fb"));
	uuid.len = 0;
	gatt_uuid_print(&uuid, text);
	CHECK(!*text && !gatt_assigned_of(&uuid));

	CHECK(is("Heart Rate Measurement", any, "2a37"));
	CHECK(is("heart-rate_measurement", GATT_KIND_CHARACTERISTIC, "2a37"));
	CHECK(is("battery service", any, "180f") && is("BATTERY", any, "180f"));
	CHECK(gatt_uuid_parse("current time", any, &uuid) ==
	      GATT_NAMED_SEVERAL);
	CHECK(is("current time", GATT_KIND_SERVICE, "1805"));
	CHECK(is("current time service", any, "1805"));
	CHECK(is("current-time", GATT_KIND_CHARACTERISTIC |
		 GATT_KIND_DESCRIPTOR, "2a2b"));
	CHECK(is("primary service", any, "2800"));
	CHECK(!is("heart rate", GATT_KIND_CHARACTERISTIC, ""));
	CHECK(!is("", any, "") && !is("2a3", any, "") && !is("0x", any, ""));
	CHECK(!is("2a377", any, "") && !is("heart", any, ""));
	CHECK(!is("00002A37-0000-1000-8000-00805F9B34F", any, ""));
	CHECK(!is("00002A37-0000-1000-8000-00805F9B34FG", any, ""));
	CHECK(!is("00002A37+0000-1000-8000-00805F9B34FB", any, ""));
	CHECK(!is("battery level service", any, ""));
}

/* Octets and the values they stand for; both ways. */
static const struct {
	uint16_t number;
	const char *hex;
	const char *json;
} vectors[] = {
	{ 0x2800, "0d18", "{'value':'180d'}" },
	{ 0x2801, "880ba48cc81e4dbfbe48cf0801009292",
	  "{'value':'92920001-08cf-48be-bf4d-1ec88ca40b88'}" },
	{ 0x2802, "010005000f18", "{'handle':1,'end':5,'uuid':'180f'}" },
	{ 0x2802, "01000500", "{'handle':1,'end':5}" },
	{ 0x2803, "120300372a", "{'properties':['read','notify'],'handle':3,"
	  "'uuid':'2a37'}" },
	{ 0x2900, "0300", "{'value':['reliable-write',"
	  "'writable-auxiliaries']}" },
	{ 0x2901, "c3a4", "{'value':'\xc3\xa4'}" },
	{ 0x2901, "", "{'value':''}" },
	{ 0x2901, "6100", "{'value':'a\\u0000'}" },
	{ 0x2902, "0100", "{'value':['notification']}" },
	{ 0x2902, "0000", "{'value':[]}" },
	{ 0x2902, "0680", "{'value':['indication',2,15]}" },
	{ 0x2903, "0100", "{'value':['broadcast']}" },
	{ 0x2904, "0efead27010000", "{'format':'sint16','exponent':-2,"
	  "'unit_uuid':'27ad','namespace':'bluetooth-sig',"
	  "'description':0}" },
	{ 0x2905, "03000500", "{'value':[3,5]}" },
	{ 0x2906, "020d", "{'value':'020d'}" },
	{ 0x2907, "192a", "{'value':'2a19'}" },
	{ 0x2908, "0103", "{'report':1,'type':'feature'}" },
	{ 0x2909, "04", "{'value':4}" },
	{ 0x290a, "010500", "{'condition':1,'setting':'0500'}" },
	{ 0x290b, "01", "{'value':'or'}" },
	{ 0x290e, "00", "{'condition':'none'}" },
	{ 0x290e, "013c0000", "{'condition':'interval','setting':'3c0000'}" },
	{ 0x2a00, "73656e736f722d37", "{'value':'sensor-7'}" },
	{ 0x2a01, "4003", "{'value':832}" },
	{ 0x2a04, "06002800000090" "01", "{'minimum_ms':7.5,'maximum_ms':50.0,"
	  "'latency':0,'timeout_ms':4000}" },
	{ 0x2a04, "ffffffff0000ffff", "{'minimum_ms':null,'maximum_ms':null,"
	  "'latency':0,'timeout_ms':null}" },
	{ 0x2a05, "0100ffff", "{'start':1,'end':65535}" },
	{ 0x2a06, "02", "{'value':'high'}" },
	{ 0x2a06, "03", "{'value':3}" },
	{ 0x2a07, "f8", "{'value':-8,'unit':'dBm'}" },
	{ 0x2a08, "ea070b150c2926", "{'value':'2026-11-21T12:41:38'}" },
	{ 0x2a08, "00000000000000", "{'value':'0000-00-00T00:00:00'}" },
	{ 0x2a0f, "0404", "{'timezone_min':60,'dst_min':60}" },
	{ 0x2a0f, "80ff", "{'timezone_min':null,'dst_min':null}" },
	{ 0x2a14, "02010003", "{'source':'gps','accuracy_s':0.125,'days':0,"
	  "'hours':3}" },
	{ 0x2a19, "32", "{'value':50,'unit':'%'}" },
	{ 0x2a1c, "006e0100ff", "{'flags':[],'temperature_C':36.6}" },
	{ 0x2a1c, "07da0300ffea070b150c292602", "{'flags':['fahrenheit',"
	  "'timestamp','type'],'temperature_F':98.6,"
	  "'timestamp':'2026-11-21T12:41:38','type':'body'}" },
	{ 0x2a1c, "00ffff7f00", "{'flags':[],'temperature_C':'NaN'}" },
	{ 0x2a1c, "00feff7f00", "{'flags':[],'temperature_C':'+INFINITY'}" },
	{ 0x2a1c, "0002008000", "{'flags':[],'temperature_C':'-INFINITY'}" },
	{ 0x2a1c, "00fdff7f7f", "{'flags':[],'temperature_C':8.388605e133}" },
	{ 0x2a1d, "09", "{'value':'tympanum'}" },
	{ 0x2a1e, "04250000000" "1", "{'flags':['type'],'temperature_C':37.0,"
	  "'type':'armpit'}" },
	{ 0x2a21, "3c00", "{'value':60,'unit':'s'}" },
	{ 0x2a23, "0102030405c0ffee", "{'manufacturer':21542142465,"
	  "'oui':15663040}" },
	{ 0x2a24, "4d31", "{'value':'M1'}" },
	{ 0x2a25, "3031", "{'value':'01'}" },
	{ 0x2a26, "312e30", "{'value':'1.0'}" },
	{ 0x2a27, "41", "{'value':'A'}" },
	{ 0x2a28, "322e31", "{'value':'2.1'}" },
	{ 0x2a29, "41434d45", "{'value':'ACME'}" },
	{ 0x2a2a, "00ff", "{'value':'00ff'}" },
	{ 0x2a2b, "ea070b150c2926068001", "{'time':'2026-11-21T12:41:38',"
	  "'weekday':'saturday','fraction_s':0.5,'reason':['manual']}" },
	{ 0x2a35, "00780050005d00", "{'flags':[],'systolic_mmHg':120.0,"
	  "'diastolic_mmHg':80.0,'mean_mmHg':93.0}" },
	{ 0x2a35, "1fa1f06bf07cf0ea070b150c292648000104" "00",
	  "{'flags':['kpa','timestamp','pulse','user','status'],"
	  "'systolic_kPa':16.1,'diastolic_kPa':10.7,'mean_kPa':12.4,"
	  "'timestamp':'2026-11-21T12:41:38','pulse_bpm':72.0,'user':1,"
	  "'status':['irregular-pulse']}" },
	{ 0x2a36, "005000ff07ff07", "{'flags':[],'cuff_mmHg':80.0,"
	  "'unused1_mmHg':'NaN','unused2_mmHg':'NaN'}" },
	{ 0x2a37, "0048", "{'flags':[],'rate_bpm':72}" },
	{ 0x2a37, "0148" "01", "{'flags':['rate16'],'rate_bpm':328}" },
	{ 0x2a37, "1e480500400334" "03", "{'flags':['contact',"
	  "'contact-supported','energy','rr'],'rate_bpm':72,'energy_kJ':5,"
	  "'rr_s':[0.8125,0.80078125]}" },
	{ 0x2a37, "1048ffff", "{'flags':['rr'],'rate_bpm':72,"
	  "'rr_s':[63.9990234375]}" },
	{ 0x2a38, "02", "{'value':'wrist'}" },
	{ 0x2a38, "07", "{'value':7}" },
	{ 0x2a39, "01", "{'value':'reset-energy-expended'}" },
	{ 0x2a50, "026d04010020" "01", "{'source':'usb-forum','vendor':1133,"
	  "'product':1,'version':288}" },
	{ 0x2a53, "0780025a6e0064000000", "{'flags':['stride','distance',"
	  "'running'],'speed_m_per_s':2.5,'cadence_per_min':90,"
	  "'stride_m':1.1,'distance_m':10.0}" },
	{ 0x2a53, "0001005a", "{'flags':[],'speed_m_per_s':0.00390625,"
	  "'cadence_per_min':90}" },
	{ 0x2a54, "0300", "{'value':['stride','distance']}" },
	{ 0x2a56, "e4", "{'value':['inactive','active','tristate',"
	  "'unknown']}" },
	{ 0x2a58, "ff03", "{'value':1023}" },
	{ 0x2a5b, "03e8030000000402000002", "{'flags':['wheel','crank'],"
	  "'wheel_revolutions':1000,'wheel_time_s':1.0,"
	  "'crank_revolutions':2,'crank_time_s':0.5}" },
	{ 0x2a5c, "0100", "{'value':['wheel']}" },
	{ 0x2a5d, "0c", "{'value':'rear-wheel'}" },
	{ 0x2a6d, "fd760f00", "{'value':101350.1,'unit':'Pa'}" },
	{ 0x2a6d, "ffffffff", "{'value':429496729.5,'unit':'Pa'}" },
	{ 0x2a6e, "4c0e", "{'value':36.6,'unit':'\xc2\xb0""C'}" },
	{ 0x2a6e, "ffff", "{'value':-0.01,'unit':'\xc2\xb0""C'}" },
	{ 0x2a6e, "0080", "{'value':null,'unit':'\xc2\xb0""C'}" },
	{ 0x2a6f, "1513", "{'value':48.85,'unit':'%'}" },
	{ 0x2a6f, "ffff", "{'value':null,'unit':'%'}" },
	{ 0x2a9d, "00703" "6", "{'flags':[],'weight_kg':69.68}" },
	{ 0x2a9d, "01ffff", "{'flags':['imperial'],'weight_lb':null}" },
	{ 0x2a9d, "0e7036ea070b150c2926ffe600d606", "{'flags':['timestamp',"
	  "'user','bmi-and-height'],'weight_kg':69.68,"
	  "'timestamp':'2026-11-21T12:41:38','user':null,'bmi':23.0,"
	  "'height_m':1.75}" },
	{ 0x2a9d, "09703ce600b202", "{'flags':['imperial',"
	  "'bmi-and-height'],'weight_lb':154.72,'bmi':23.0,"
	  "'height_in':69.0}" },
	{ 0x2aa6, "01", "{'value':'supported'}" },
	{ 0x2b29, "01", "{'features':['robust-caching']}" },
	{ 0x2b29, "0700", "{'features':['robust-caching','enhanced-att',"
	  "'multiple-notifications'],'more':'00'}" },
	{ 0x2b2a, "000102030405060708090a0b0c0d0e0f",
	  "{'value':'000102030405060708090a0b0c0d0e0f'}" },
	{ 0x2b3a, "01", "{'features':['enhanced-att']}" },
};

static void same(const char *what, const char *got, const char *wanted)
{
	if (got && !strcmp(got, wanted))
		return;
	fprintf(stderr, "%s: %s\nnot %s\n", what, got ? got : "(none)",
		wanted);
	exit(1);
}

static void vectors_both_ways(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct gatt_assigned *a =
			gatt_assigned_find(vectors[i].number);
		size_t len = strlen(vectors[i].hex) / 2, again_len = 99;
		uint8_t *value = malloc(len + 1), again[ATT_VALUE_MAX];
		char wanted[2 * ATT_VALUE_MAX + 1];
		char reason[GATT_REASON_MAX] = "";
		json_t *json;
		char *text;

		snprintf(wanted, sizeof(wanted), "%s", vectors[i].json);
		for (char *p = wanted; *p; p++)
			if (*p == '\'')
				*p = '"';
		CHECK(a && hex_decode(vectors[i].hex, value, len));
		json = gatt_assigned_decode(a, value, len);
		text = json ? json_dumps(json, DUMP) : NULL;
		same(vectors[i].hex, text, wanted);
		free(text);
		if (!gatt_assigned_encode(a, json, again, &again_len, reason))
			same(vectors[i].hex, reason, "");
		hex_encode(again, again_len, HEX_LOWER, wanted);
		same(vectors[i].json, wanted, vectors[i].hex);
		json_decref(json);
		free(value);
	}
}

static void every_format_has_a_vector(void)
{
	for (size_t i = 0; i < gatt_assigned_count; i++) {
		size_t n = 0;

		if (!gatt_assigned_table[i].format)
			continue;
		while (n < sizeof(vectors) / sizeof(*vectors) &&
		       vectors[n].number != gatt_assigned_table[i].number)
			n++;
		CHECK(n < sizeof(vectors) / sizeof(*vectors));
	}
}

static bool fits(uint16_t number, const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *value = malloc(len ? len : 1);
	json_t *json;
	bool fit;

	CHECK(hex_decode(hex, value, len));
	json = gatt_assigned_decode(gatt_assigned_find(number), value, len);
	fit = json;
	json_decref(json);
	free(value);
	return fit;
}

static void values_that_do_not_fit(void)
{
	static uint8_t large[ATT_VALUE_MAX + 1];
	const struct gatt_assigned *name = gatt_assigned_find(0x2a00);
	json_t *json;

	CHECK(!fits(0x180f, "00") && !fits(0x2a55, "00"));
	CHECK(!fits(0x2a19, "") && !fits(0x2a19, "3232"));
	CHECK(!fits(0x2a00, "ff") && !fits(0x2a00, "c3"));
	CHECK(!fits(0x2a00, "eda080") && !fits(0x2a00, "c080"));
	CHECK(!fits(0x2a37, "") && !fits(0x2a37, "00"));
	CHECK(!fits(0x2a37, "0148"));
	CHECK(!fits(0x2a37, "004848") && !fits(0x2a37, "1048"));
	CHECK(!fits(0x2a37, "104800") && !fits(0x2a37, "1048000000"));
	CHECK(!fits(0x2a08, "ea070d150c2926"));
	CHECK(!fits(0x2a08, "ea070b150c293c"));
	CHECK(!fits(0x2a08, "01000b150c2926") && !fits(0x2a08, "ea070b150c29"));
	CHECK(!fits(0x2800, "0d1800") && !fits(0x2800, ""));
	CHECK(!fits(0x2803, "020300") && !fits(0x2802, "0100050001"));
	CHECK(!fits(0x2905, "") && !fits(0x2905, "0100ff"));
	CHECK(!fits(0x2b29, "") && !fits(0x2a56, ""));
	CHECK(!fits(0x2b2a, "000102030405060708090a0b0c0d0e"));
	memset(large, 'a', sizeof(large));
	json = gatt_assigned_decode(name, large, ATT_VALUE_MAX);
	CHECK(json);
	json_decref(json);
	CHECK(!gatt_assigned_decode(name, large, sizeof(large)));
	json = gatt_assigned_decode(name, NULL, 0);
	CHECK(json);
	json_decref(json);
}

/* A decoded value, once encoded, decodes to the same value. */
static void garbage(void)
{
	unsigned int seed = 1;

	for (int n = 0; n < 200000; n++) {
		const struct gatt_assigned *a = &gatt_assigned_table[
			(size_t)rand_r(&seed) % gatt_assigned_count];
		size_t len = (size_t)rand_r(&seed) % 24, again_len;
		uint8_t *value = malloc(len ? len : 1), again[ATT_VALUE_MAX];
		char reason[GATT_REASON_MAX];
		json_t *json, *same_json;

		for (size_t i = 0; i < len; i++)
			value[i] = (uint8_t)(rand_r(&seed) >> 8);
		json = gatt_assigned_decode(a, value, len);
		if (json) {
			CHECK(gatt_assigned_encode(a, json, again, &again_len,
						   reason));
			same_json = gatt_assigned_decode(a, again, again_len);
			CHECK(json_equal(json, same_json));
			json_decref(same_json);
		}
		json_decref(json);
		free(value);
	}
}

/* The octets in hexadecimal digits, or the error. */
static const char *parse(const char *type, const char *text)
{
	static char result[2 * ATT_VALUE_MAX + 1];
	uint8_t out[ATT_VALUE_MAX];
	char reason[GATT_REASON_MAX] = "";
	struct gatt_uuid uuid;
	size_t len = 0;

	CHECK(gatt_uuid_parse(type, GATT_KIND_ANY, &uuid) == GATT_NAMED_ONE);
	if (gatt_value_parse(text, &uuid, out, &len, reason)) {
		CHECK(!*reason);
		hex_encode(out, len, HEX_LOWER, result);
	} else {
		CHECK(*reason);
		snprintf(result, sizeof(result), "%s", reason);
	}
	return result;
}

/* What a user types for a type, and the octets or the error. */
static const struct {
	const char *type, *text, *result;
} typed[] = {
	{ "2a19", "50", "32" },
	{ "2a19", "50.0", "32" },
	{ "2a19", "5e1", "32" },
	{ "2a19", "0x32", "32" },
	{ "2a19", "{\"value\":50,\"unit\":\"%\"}", "32" },
	{ "2a19", "json:{\"value\":50}", "32" },
	{ "2a19", "json:50", "32" },
	{ "2a19", "hex:33", "33" },
	{ "2a19", "256", "the number is too large" },
	{ "2a19", "-1", "the number is too small" },
	{ "2a19", "1.5", "the number is not an integer" },
	{ "2a19", "1e300", "the number is too large" },
	{ "2a19", "1e-300", "the number is not an integer" },
	{ "2a19", "9223372036854775807", "the number is too large" },
	{ "2a19", "99999999999999999999", "a number is wanted" },
	{ "2a19", "full", "a number is wanted" },
	{ "2a19", "", "a number is wanted" },
	{ "2a19", "null", "a number is wanted" },
	{ "2a19", "json:{\"value\":50,\"unit\":\"V\"}",
	  "its unit is %" },
	{ "2a19", "json:{}", "is missing" },
	{ "2a19", "json:{\"value\":1,\"x\":1}",
	  "it has no field \"x\"" },
	{ "2a19", "json:{", "the text after json: is not JSON" },
	{ "2a06", "2", "02" },
	{ "2a06", "High", "02" },
	{ "2a06", "loud",
	  "\"loud\" is neither a number nor one of none,mild,high" },
	{ "2902", "notification", "0100" },
	{ "2902", "1", "0100" },
	{ "2902", "[\"notification\",1]", "0300" },
	{ "2902", "[16]", "it has bits 0 to 15 only" },
	{ "2902", "65536", "the number is too large" },
	{ "2902", "off", "\"off\" is neither a number nor one of "
	  "notification,indication" },
	{ "2a6e", "36.6", "4c0e" },
	{ "2a6e", "-0.01", "ffff" },
	{ "2a6e", "-273.15", "4d95" },
	{ "2a6e", "null", "0080" },
	{ "2a6e", "-327.68", "that number means \"not known\": use null" },
	{ "2a6e", "36.605", "the number is not a multiple of 1e-2" },
	{ "2a6e", "327.68", "the number is too large" },
	{ "2a00", "50", "3530" },
	{ "2a00", "", "" },
	{ "2a00", "json:\"a\\u0000\"", "6100" },
	{ "2a00", "json:5", "text is wanted" },
	{ "2a00", "\xff", "it is not UTF-8" },
	{ "2a00", "text:\xff", "ff" },
	{ "2a00", "text:hex:00", "6865783a3030" },
	{ "2a08", "2026-11-21T12:41:38", "ea070b150c2926" },
	{ "2a08", "2026-11-21 12:41:38", "ea070b150c2926" },
	{ "2a08", "2026-11-21", "a date is wanted, as "
	  "2026-11-21T12:41:38" },
	{ "2a08", "2026-13-21T12:41:38", "a date is wanted, as "
	  "2026-11-21T12:41:38" },
	{ "2907", "Battery Level", "192a" },
	{ "2907", "?", "a UUID of 4 digits or 36 characters is "
	  "wanted" },
	{ "2b2a", "00", "32 hexadecimal digits are wanted" },
	{ "2906", "0g", "pairs of hexadecimal digits are wanted" },
	{ "2905", "3", "0300" },
	{ "2905", "[]", "at least one element is wanted" },
	{ "2a56", "[\"active\",1,0,0,\"unknown\"]", "0503" },
	{ "2a56", "[4]", "its elements are 0 to 3" },
	{ "2a56", "[]", "an array is wanted, not empty" },
	{ "2a37", "72", "Heart Rate Measurement has several fields: "
	  "an object is wanted" },
	{ "2a37", "json:{\"flags\":[\"rr\"],\"rate_bpm\":72,"
	  "\"rr_s\":[0.8125]}", "10484003" },
	{ "2a37", "json:{\"flags\":[\"rr\"],\"rate_bpm\":72,"
	  "\"rr_s\":[0.8]}",
	  "rr_s: the number is not a multiple of 1/1024" },
	{ "2a37", "json:{\"rate_bpm\":72}", "flags: is missing" },
	{ "2a37", "json:{\"flags\":0,\"rate_bpm\":72,\"rr_s\":[1]}",
	  "the flags do not announce rr_s" },
	{ "2a37", "json:{\"flags\":8,\"rate_bpm\":72}",
	  "energy_kJ: is missing" },
	{ "2a1c", "json:{\"flags\":[],\"temperature_C\":37}",
	  "0025000000" },
	{ "2a35", "json:{\"flags\":[],\"systolic_mmHg\":204.6,"
	  "\"diastolic_mmHg\":1,\"mean_mmHg\":1}",
	  "systolic_mmHg: the number is too large, or has too many "
	  "digits" },
	{ "2a35", "json:{\"flags\":[],\"systolic_mmHg\":"
	  "2000000000,\"diastolic_mmHg\":-9223372036854775808,"
	  "\"mean_mmHg\":1}",
	  "diastolic_mmHg: the number is too large, or has too many "
	  "digits" },
	{ "2a35", "json:{\"flags\":[],\"systolic_mmHg\":2e9,"
	  "\"diastolic_mmHg\":0,\"mean_mmHg\":\"nan\"}",
	  "00d0670000ff07" },
	{ "2a50", "json:{\"source\":1,\"vendor\":2,\"product\":3}",
	  "version: is missing" },
	{ "2a55", "0a0B", "0a0b" },
	{ "2a55", "hex:", "" },
	{ "2a55", "text:", "" },
	{ "2a55", "base64:", "" },
	{ "2a55", "base64:Cgs=", "0a0b" },
	{ "2a55", "base64:/+8A", "ffef00" },
	{ "2a55", "", "no layout is known for this value: begin it with hex:, "
	  "text: or base64:" },
	{ "2a55", "0a0", "no layout is known for this value: begin it with "
	  "hex:, text: or base64:" },
	{ "2a55", "json:1", "no layout is known for this value: begin it with "
	  "hex:, text: or base64:" },
	{ "92920001-08cf-48be-bf4d-1ec88ca40b88", "00ff", "00ff" },
	{ "00002a19-0000-1000-8000-00805f9b34fb", "50", "32" },
	{ "2a55", "hex:0a0", "after hex:, pairs of hexadecimal digits "
	  "are wanted" },
	{ "2a55", "hex:0 ", "after hex:, pairs of hexadecimal digits "
	  "are wanted" },
};

static void values_as_typed(void)
{
	static const char *const not_base64[] = {
		"Cgs", "Cgt=", "Cgs==", "====", "=Cgs", "C=s=", "Cgs= ",
		" Cgs=", "Cg\ns=", "Cgs=Cgs=", "!!!!", "-_-_", "A", "=", "==",
		"AA=A",
	};

	for (size_t i = 0; i < sizeof(typed) / sizeof(*typed); i++)
		same(typed[i].text, parse(typed[i].type, typed[i].text),
		     typed[i].result);
	for (size_t i = 0; i < sizeof(not_base64) / sizeof(*not_base64); i++) {
		char text[32];

		snprintf(text, sizeof(text), "base64:%s", not_base64[i]);
		same(text, parse("2a55", text), "after base64:, base64 with "
		     "its padding is wanted");
	}
}

static void values_of_512_octets(void)
{
	static const char *const prefixes[] = { "hex:", "", "text:",
						"base64:", "json:" };
	static const size_t most[] = { 1024, 1024, 512, 684, 512 };
	static const char *const types[] = { "2a55", "2a55", "2a00", "2a55",
					     "2a00" };

	for (size_t i = 0; i < 5; i++) {
		char text[1200], *p = text;
		size_t len = strlen(prefixes[i]);

		memset(text, 'A', sizeof(text));
		memcpy(text, prefixes[i], len);
		p += len;
		if (i == 4)
			*p++ = '"';
		p[most[i]] = '\0';
		if (i == 3)
			p[most[i] - 1] = '=';
		if (i == 4)
			strcpy(p + most[i], "\"");
		CHECK(strlen(parse(types[i], text)) == 1024);
		memset(p, 'A', most[i] + 4);
		strcpy(p + most[i] + (i == 3 ? 0 : 2), i == 4 ? "\"" : "");
		CHECK(strstr(parse(types[i], text), "is longer than 512"));
	}
}

static bool advertises(const char *hex, const char *wanted)
{
	uint8_t data[64];
	const size_t len = strlen(hex) / 2;
	json_t *more = json_object();
	char *text;
	bool same;

	CHECK(hex_decode(hex, data, len));
	gatt_value_tell(more, &gateway_uuid_advertising, data, len);
	text = json_dumps(json_object_get(more, "decoded"), JSON_COMPACT);
	same = !strcmp(text, wanted);
	if (!same)
		fprintf(stderr, "%s: %s\n", hex, text);
	free(text);
	json_decref(more);
	return same;
}

static void what_is_advertised(void)
{
	CHECK(advertises("", "{}"));
	CHECK(advertises("020106" "05030d180f18" "03194103" "0509426c7421",
			 "{\"services\":[\"180d\",\"180f\"],"
			 "\"appearance\":833,\"name\":\"Blt!\"}"));
	/* The complete name counts, whichever comes first; UTF-8 only. */
	CHECK(advertises("030841420409414243", "{\"name\":\"ABC\"}"));
	CHECK(advertises("0409414243030841420309ff41", "{\"name\":\"ABC\"}"));
	/* Half a UUID, an appearance too short, a structure too long. */
	CHECK(advertises("04020d1811" "021941" "0909414243",
			 "{\"services\":[\"180d\"]}"));
	CHECK(advertises("1106" "880ba48cc81e4dbfbe48cf0801009292",
			 "{\"services\":"
			 "[\"92920001-08cf-48be-bf4d-1ec88ca40b88\"]}"));
}

int main(void)
{
	what_is_advertised();
	the_table_is_sorted_and_valid();
	formats_that_are_none();
	uuids_as_text();
	vectors_both_ways();
	every_format_has_a_vector();
	values_that_do_not_fit();
	garbage();
	values_as_typed();
	values_of_512_octets();
	return 0;
}
