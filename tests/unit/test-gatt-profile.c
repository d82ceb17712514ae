/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile with one of everything, attribute by attribute; and the messages
 * about invalid profiles. */
/* takes: 9 s with valgrind */
#include "config.h"
#include "value/gatt-assigned.h"
#include "profile/gatt-profile.h"
#include "base/hex.h"
#include "unit.h"

#include <unistd.h>
#include <sys/stat.h>

static struct gatt_profile profile;
static char said[1200];
static unsigned int times;

static void hear(enum diag_level level, const char *text, void *arg)
{
	(void)level, (void)arg;
	snprintf(said, sizeof(said), "%s", text);
	times++;
}

/*
 * Every attribute: handle, type, value; access, levels and key sizes, who, and
 * the most octets; x: external.
 */
static const char *const attributes[] = {
	"1 2800 0018 a=1 r=0/0/0 w=0/0/0 max=2 end=5",
	"2 2803 020300002a a=1 r=0/0/0 w=0/0/0 max=5",
	"3 2a00 73656e736f722d37 a=1 r=0/0/0 w=0/0/0 max=8",
	"4 2803 020500012a a=1 r=0/0/0 w=0/0/0 max=5",
	"5 2a01 4103 a=1 r=0/0/0 w=0/0/0 max=2",
	"6 2800 0118 a=1 r=0/0/0 w=0/0/0 max=2 end=6",

	"7 2801 0f18 a=1 r=0/0/0 w=0/0/0 max=2 end=10",
	"8 2803 120900192a a=1 r=0/0/0 w=0/0/0 max=5",
	"9 2a19  a=1 r=1/0/0 w=1/0/0 max=1 variable x",
	"10 2902 0000 a=3 r=0/0/0 w=1/0/0 max=2",

	"11 2800 0d18 a=1 r=0/0/0 w=0/0/0 max=2 end=19",
	"12 2802 07000a000f18 a=1 r=0/0/0 w=0/0/0 max=6",
	"13 2803 100e00372a a=1 r=0/0/0 w=0/0/0 max=5",
	"14 2a37  a=0 r=2/0/0 w=1/0/0 max=512 variable x",
	"15 2902 0000 a=3 r=0/0/0 w=2/0/0 max=2",
	"16 2803 021100382a a=1 r=0/0/0 w=0/0/0 max=5",
	"17 2a38 01 a=1 r=1/0/0 w=1/0/0 max=1",
	"18 2803 081300392a a=1 r=0/0/0 w=0/0/0 max=5",
	"19 2a39  a=2 r=1/0/0 w=3/16/1 max=1 variable x",

	"20 2800 908d7e1c2b6f609a5a4d3c1f01000e7d a=1 r=0/0/0 w=0/0/0 max=16 "
	"end=41",
	"21 2802 0b0013000d18 a=1 r=0/0/0 w=0/0/0 max=6",
	"22 2802 07000a000f18 a=1 r=0/0/0 w=0/0/0 max=6",
	"23 2803 be1800908d7e1c2b6f609a5a4d3c1f02000e7d a=1 r=0/0/0 w=0/0/0 "
	"max=19",
	"24 7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90 68656c6c6f a=7 r=1/0/2 "
	"w=4/0/0 max=20 variable",
	"25 2900 0300 a=1 r=0/0/0 w=1/0/0 max=2",
	"26 2902 0000 a=3 r=0/0/0 w=1/0/2 max=2",
	"27 2901 61206e6f7465 a=3 r=1/0/0 w=2/0/2 max=40 variable",
	"28 2904 19000027010000 a=1 r=1/0/0 w=1/0/0 max=7",
	"29 2803 2b1e00908d7e1c2b6f609a5a4d3c1f03000e7d a=1 r=0/0/0 w=0/0/0 "
	"max=19",
	"30 7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90 612066696c65 a=3 r=1/0/0 "
	"w=1/0/0 max=512 variable x",
	"31 2902 0000 a=3 r=0/0/0 w=1/0/0 max=2",
	"32 2903 0000 a=3 r=0/0/0 w=1/0/0 max=2",
	"33 2901 5768617420697320696e20612066696c65 a=1 r=0/0/0 w=0/0/0 max=17",
	"34 2803 422300908d7e1c2b6f609a5a4d3c1f04000e7d a=1 r=0/0/0 w=0/0/0 "
	"max=19",
	"35 7d0e0004-1f3c-4d5a-9a60-6f2b1c7e8d90 010203 a=9 r=1/0/0 w=1/0/0 "
	"max=512 variable",
	"36 2803 082500908d7e1c2b6f609a5a4d3c1f05000e7d a=1 r=0/0/0 w=0/0/0 "
	"max=19",
	"37 7d0e0005-1f3c-4d5a-9a60-6f2b1c7e8d90  a=2 r=1/0/0 w=1/0/0 max=512 "
	"variable",
	"38 2803 0227006e2a a=1 r=0/0/0 w=0/0/0 max=5",
	"39 2a6e 4c0e a=1 r=1/0/0 w=1/0/0 max=2",
	"40 2803 0a29008a2a a=1 r=0/0/0 w=0/0/0 max=5",
	"41 2a8a  a=3 r=1/0/0 w=1/0/0 max=512 variable x",
};

static void describe(const struct gatt_attribute *a, char *text, size_t size)
{
	char uuid[GATT_UUID_TEXT], value[2 * ATT_VALUE_MAX + 1], end[16] = "";

	gatt_uuid_print(&a->type, uuid);
	hex_encode(a->value, a->len, HEX_LOWER, value);
	if (a->group_end)
		snprintf(end, sizeof(end), " end=%u", a->group_end);
	snprintf(text, size, "%u %s %s a=%u r=%u/%u/%u w=%u/%u/%u max=%u%s%s%s",
		 a->handle, uuid, value, a->access, a->read.level,
		 a->read.key_size, a->read.authorization, a->write.level,
		 a->write.key_size, a->write.authorization, a->max, end,
		 a->variable ? " variable" : "", a->external ? " x" : "");
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	CHECK(file && fputs(text, file) >= 0);
	CHECK(fclose(file) == 0);
}

/* One of everything; file names are relative to the profile. */
static void everything(void)
{
	char *text = NULL, described[1400];
	FILE *source = fopen(PROFILE, "r");
	size_t size = 0;

	CHECK(source && getdelim(&text, &size, '\0', source) > 0);
	fclose(source);
	CHECK(mkdir("sub", 0700) == 0);
	write_file("sub/profile.json", text);
	write_file("sub/value", "a file");
	free(text);
	if (gatt_profile_load("sub/profile.json", "sensor-7", &profile)) {
		fprintf(stderr, "%s\n", said);
		exit(1);
	}
	CHECK(!times);
	for (size_t i = 0; i < profile.db.count; i++) {
		CHECK(i < sizeof(attributes) / sizeof(*attributes));
		describe(&profile.db.attributes[i], described,
			 sizeof(described));
		if (strcmp(described, attributes[i])) {
			fprintf(stderr, "%s\nis not\n%s\n", described,
				attributes[i]);
			exit(1);
		}
	}
	CHECK(profile.db.count == sizeof(attributes) / sizeof(*attributes));
}

static bool argv_is(char **argv, const char *words)
{
	char text[100] = "";

	for (; argv && *argv; argv++) {
		strcat(text, *argv);
		strcat(text, "|");
	}
	return !strcmp(text, words);
}

static void sources(void)
{
	const struct gatt_profile_value *value;
	static const struct {
		uint16_t handle, configuration, broadcast;
		uint8_t properties;
		enum gatt_source source;
		const char *path, *read, *write, *argv;
	} wanted[] = {
		{ 9, 10, 0, 0x12, GATT_SOURCE_STDIN, "", "", "", "" },
		{ 14, 15, 0, 0x10, GATT_SOURCE_PROCESS, "", "", "", "cat|" },
		{ 17, 0, 0, 0x02, GATT_SOURCE_CONSTANT, "", "", "", "" },
		{ 19, 0, 0, 0x08, GATT_SOURCE_COMMAND, "", "", "cat|-||", "" },
		{ 24, 26, 0, 0xbe, GATT_SOURCE_CONSTANT, "", "", "", "" },
		{ 30, 31, 32, 0x2b, GATT_SOURCE_FILE, "sub/value", "", "", "" },
		{ 35, 0, 0, 0x42, GATT_SOURCE_CONSTANT, "", "", "", "" },
		{ 37, 0, 0, 0x08, GATT_SOURCE_CONSTANT, "", "", "", "" },
		{ 39, 0, 0, 0x02, GATT_SOURCE_CONSTANT, "", "", "", "" },
		{ 41, 0, 0, 0x0a, GATT_SOURCE_COMMAND, "",
		  "/bin/sh|-c|echo you|", "cat|", "" },
	};

	CHECK(profile.count == sizeof(wanted) / sizeof(*wanted));
	for (size_t i = 0; i < profile.count; i++) {
		value = gatt_profile_find(&profile, wanted[i].handle);
		CHECK(value == &profile.values[i]);
		CHECK(gatt_uuid_equal(&value->uuid,
				      &gatt_db_find(&profile.db, value->handle)
				      ->type));
		CHECK(value->configuration == wanted[i].configuration);
		CHECK(value->broadcast == wanted[i].broadcast);
		CHECK(value->properties == wanted[i].properties);
		CHECK(value->source == wanted[i].source);
		CHECK(!strcmp(value->path ? value->path : "", wanted[i].path));
		CHECK(argv_is(value->read_argv, wanted[i].read));
		CHECK(argv_is(value->write_argv, wanted[i].write));
		CHECK(argv_is(value->argv, wanted[i].argv));
	}
	CHECK(!gatt_profile_find(&profile, 8));
}

static void whole(void)
{
	static const char pin[] =
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	const struct gatt_uuid heart_rate = gatt_uuid16(0x180d);

	CHECK(profile.appearance == 833);
	CHECK(profile.expose_channel && profile.expose_link);
	CHECK(profile.advertise_count == 2);
	CHECK(gatt_uuid_equal(&profile.advertise[0], &heart_rate));
	CHECK(profile.advertise[1].len == 16);
	CHECK(profile.peers_count == 2);
	CHECK(gatt_profile_authorizes(&profile, 1, "phone-7", "x"));
	CHECK(!gatt_profile_authorizes(&profile, 1, "tablet", "x"));
	CHECK(!gatt_profile_authorizes(&profile, 1, "", "x"));
	CHECK(gatt_profile_authorizes(&profile, 1, "tablet", pin));
	CHECK(!gatt_profile_authorizes(&profile, 1, pin, ""));
	CHECK(gatt_profile_authorizes(&profile, 2, "phone-1", pin));
	CHECK(!gatt_profile_authorizes(&profile, 2, "phone-7", pin));
	CHECK(!gatt_profile_authorizes(&profile, 0, "phone-7", pin));
	CHECK(!gatt_profile_authorizes(&profile, 3, "phone-7", pin));
	gatt_profile_free(&profile);
	CHECK(!profile.values && !profile.peers && !profile.db.count);
}

/* In these, ' stands for ". */
#define SERVICES(text) "{'services':[" text "]}"
#define SERVICE(text) SERVICES("{'uuid':'180f'," text "}")
#define CHARACTERISTIC(text) SERVICE("'characteristics':[{" text "}]")
#define DESCRIPTOR(text) CHARACTERISTIC("'uuid':'2a19','properties':"        \
					"['read'],'value':1,'descriptors':[" \
					text "]")
#define X8 "xxxxxxxx"
#define X64 X8 X8 X8 X8 X8 X8 X8 X8
#define LONG X64 X64 X64 X64 X64 X64 X64 X64 "x"	/* 513 */
#define C "$.services[0].characteristics[0]"
#define OWN(property, text)                                                   \
	CHARACTERISTIC("'uuid':'7d0e0001-1f3c-4d5a-9a60-6f2b1c7e8d90',"       \
		       "'properties':['" property "']," text)
#define READ(text) OWN("read", text)
#define WRITE(text) OWN("write", text)
#define NOTIFY(text) OWN("notify", text)

static const struct {
	const char *json, *message;
} wrong[] = {
	{ "{",
	  "1:1: string or '}' expected near end of file" },
	{ "{'a':1,'a':2}",
	  "1:10: duplicate object key near '\"a\"'" },
	{ "[]",
	  " $: an object is wanted" },
	{ "{}",
	  " $.services: an array of services is wanted, at least "
	  "one" },
	{ "{'services':[],'x':1}",
	  " $.x: unknown member; the known ones are: appearance expose "
	  "services" },
	{ "{'services':{}}",
	  " $.services: an array of services is wanted, at least "
	  "one" },
	{ "{'appearance':65536,'services':[1]}",
	  " $.appearance: a number from 0 to 65535 is wanted" },
	{ "{'appearance':'833','services':[1]}",
	  " $.appearance: a number from 0 to 65535 is wanted" },
	{ "{'expose':'air','services':[1]}",
	  " $.expose: `air' is none of: channel, link, both" },
	{ "{'expose':true,'services':[1]}",
	  " $.expose: a string is wanted, one of: channel, link, "
	  "both" },
	{ SERVICES("{}"),
	  " $.services[0].uuid: it is missing: the UUID of a "
	  "service, or its name, is wanted" },
	{ SERVICES("1"),
	  " $.services[0]: an object is wanted" },
	{ SERVICES("{'uuid':'nothing'}"),
	  " $.services[0].uuid: `nothing' is neither a UUID (four "
	  "hexadecimal digits, or 36 characters) nor the name of a "
	  "service" },
	{ SERVICES("{'uuid':''}"),
	  " $.services[0].uuid: a string is wanted that is not "
	  "empty" },
	{ SERVICES("{'uuid':24}"),
	  " $.services[0].uuid: a string is wanted" },
	{ SERVICES("{'uuid':'2a37'}"),
	  " $.services[0].uuid: 2a37 is a characteristic, Heart "
	  "Rate Measurement; a service is wanted" },
	{ SERVICES("{'uuid':'1801'}"),
	  " $.services[0].uuid: 1801 is always there: leave this "
	  "service out" },
	{ SERVICES("{'uuid':'2800'}"),
	  " $.services[0].uuid: 2800 is a declaration, Primary "
	  "Service; a service is wanted" },
	{ SERVICES("{'uuid':'92920003-08cf-48be-bf4d-1ec88ca40b88'}"),
	  " $.services[0].uuid: this is the tunnel's own "
	  "(blesec-protocol(7)); choose another" },
	{ SERVICES("{'uuid':'180f','type':'main'}"),
	  " $.services[0].type: `main' is none of: primary, "
	  "secondary" },
	{ SERVICES("{'uuid':'180f','includes':1}"),
	  " $.services[0].includes: an array is wanted" },
	{ SERVICES("{'uuid':'180f','includes':[0]}"),
	  " $.services[0].includes[0]: no service is before this "
	  "one" },
	{ SERVICES("{'uuid':'180f'},{'uuid':'180d','includes':[1]}"),
	  " $.services[1].includes[0]: a number from 0 to 0 is "
	  "wanted" },
	{ SERVICES("{'uuid':'180f'},{'uuid':'180d','includes':['180d']}"),
	  " $.services[1].includes[0]: no service before this one "
	  "has that UUID" },
	{ SERVICES("{'uuid':'180f'},{'uuid':'180f'},{'uuid':'180d','includes"
			"':['180f']}"),
	  " $.services[2].includes[0]: several services before "
	  "this one have that UUID; give the index" },
	{ SERVICES("{'uuid':'180f'},{'uuid':'180d','includes':[0,'180f']}"),
	  " $.services[1].includes[1]: this service is included "
	  "already" },
	{ SERVICES("{'uuid':'180f','characteristics':{}}"),
	  " $.services[0].characteristics: an array is wanted" },
	{ CHARACTERISTIC("'name':1"),
	  " " C ".name: unknown member; the known ones are: uuid properties "
	  "value max read write description descriptors" },
	{ CHARACTERISTIC("'uuid':'Current Time'"),
	  " " C ".properties: an array of properties is wanted, at least "
	  "one" },
	{ CHARACTERISTIC("'uuid':'180f','properties':['read']"),
	  " " C ".uuid: 180f is a service, Battery; a characteristic is "
	  "wanted" },
	{ CHARACTERISTIC("'uuid':'2902','properties':['read']"),
	  " " C ".uuid: 2902 is a descriptor, Client Characteristic "
	  "Configuration; a characteristic is wanted" },
	{ CHARACTERISTIC("'uuid':'2a19'"),
	  " " C ".properties: an array of properties is wanted, at least "
	  "one" },
	{ CHARACTERISTIC("'uuid':'2a19','properties':[]"),
	  " " C ".properties: an array of properties is wanted, at least "
	  "one" },
	{ CHARACTERISTIC("'uuid':'2a19','properties':['red']"),
	  " " C ".properties[0]: `red' is none of: broadcast, read, "
	  "write-without-response, write, notify, indicate, "
	  "signed-write, reliable-write, writable-auxiliaries" },
	{ CHARACTERISTIC("'uuid':'2a19','properties':['read','read']"),
	  " " C ".properties[1]: `read' is listed twice" },
	{ CHARACTERISTIC("'uuid':'2a19',"
			 "'properties':['reliable-write','read']"),
	  " " C ".properties: `reliable-write' is only possible with "
	  "`write'" },
	{ CHARACTERISTIC("'uuid':'2a19','properties':['read']"),
	  " " C ".value: it is missing, and no client can write it" },
	{ CHARACTERISTIC("'uuid':'2a19','properties':['read'],'value':300"),
	  " " C ".value: the number is too large" },
	{ CHARACTERISTIC("'uuid':'2a37','properties':['read'],'value':72"),
	  " " C ".value: Heart Rate Measurement has several fields: an "
	  "object is wanted" },
	{ READ("'value':1"),
	  " " C ".value: no layout is known for this value: an object with one "
	  "member is wanted, hex, text, base64, file, stdin, command or "
	  "process" },
	{ READ("'value':{'hex':'0','text':'0'}"),
	  " " C ".value: no layout is known for this value: an object with one "
	  "member is wanted, hex, text, base64, file, stdin, command or "
	  "process" },
	{ READ("'value':{'hex':'0'}"),
	  " " C ".value.hex: pairs of hexadecimal digits are wanted" },
	{ READ("'value':{'hex':1}"),
	  " " C ".value.hex: a string is wanted" },
	{ READ("'value':{'base64':'AQI'}"),
	  " " C ".value.base64: base64 with its padding is wanted" },
	{ READ("'value':{'text':'" LONG "'}"),
	  " " C ".value.text: it is longer than 512 octets" },
	{ READ("'value':{'hex':'00'},'max':1"),
	  " " C ".max: the value never changes: leave this out" },
	{ READ("'value':{'stdin':true},'max':513"),
	  " " C ".max: a number from 1 to 512 is wanted" },
	{ WRITE("'value':{'text':'four'},'max':3"),
	  " " C ".value: the value has 4 octets, and \"max\" is 3" },
	{ WRITE("'value':{'stdin':true}"),
	  " " C ".value.stdin: it can be written, but standard input cannot "
	  "take writes; a file, command or process can" },
	{ WRITE("'value':{'stdin':1}"),
	  " " C ".value.stdin: true is wanted" },
	{ NOTIFY("'value':{'hex':'00'}"),
	  " " C ".value: this never changes, so there is nothing to "
	  "notify; a file, a process or standard input does" },
	{ NOTIFY("'value':{'command':{'read':['cat']}}"),
	  " " C ".value.command: a command does not report new values, so "
	  "there is nothing to notify; a file, a process or standard input "
	  "does" },
	{ READ("'value':{'command':{'write':['cat']}}"),
	  " " C ".value.command.read: it is missing: the characteristic "
	  "can be read" },
	{ READ("'value':{'command':{}}"),
	  " " C ".value.command.read: it is missing: the characteristic "
	  "can be read" },
	{ READ("'value':{'command':{'read':[]}}"),
	  " " C ".value.command.read: an array of strings is wanted, at "
	  "least one" },
	{ READ("'value':{'command':{'read':['']}}"),
	  " " C ".value.command.read[0]: a string is wanted that is not "
	  "empty" },
	{ READ("'value':{'command':{'read':['cat',1]}}"),
	  " " C ".value.command.read[1]: a string is wanted" },
	{ READ("'value':{'command':{'run':['cat']}}"),
	  " " C ".value.command.run: unknown member; the known ones are: read "
	  "write" },
	{ READ("'value':{'command':{'read':['no-such-command']}}"),
	  " " C ".value.command.read[0]: cannot run `no-such-command': "
	  "No such file or directory" },
	{ READ("'value':{'process':['./wrong.json']}"),
	  " " C ".value.process[0]: cannot run `./wrong.json': "
	  "Permission denied" },
	{ READ("'value':{'file':'none'}"),
	  " " C ".value.file: cannot read `none': No such file or "
	  "directory; make it first, it may be empty" },
	{ READ("'value':{'file':'.'}"),
	  " " C ".value.file: `.' is not a regular file" },
	{ READ("'value':{'file':'long'}"),
	  " " C ".value.file: `long' has more than 512 octets" },
	{ READ("'value':{'file':7}"),
	  " " C ".value.file: a string is wanted" },
	{ READ("'value':{'hex':''},'write':'open'"),
	  " " C ".write: it cannot be written: leave this out, or give "
	  "it the property" },
	{ WRITE("'read':'open'"),
	  " " C ".read: it can be neither read, notified nor indicated: "
	  "leave this out, or give it the property" },
	{ WRITE("'write':'secret'"),
	  " " C ".write: `secret' is none of: open, encrypted, "
	  "authenticated, secure-connections" },
	{ WRITE("'write':7"),
	  " " C ".write: a string (open, encrypted, authenticated, "
	  "secure-connections) or an object is wanted" },
	{ WRITE("'write':{'security':'open','min_key_size':7}"),
	  " " C ".write.min_key_size: this needs \"security\": encrypted, "
	  "authenticated or secure-connections" },
	{ WRITE("'write':{'security':'encrypted','min_key_size':17}"),
	  " " C ".write.min_key_size: a number from 7 to 16 is wanted" },
	{ WRITE("'write':{'level':3}"),
	  " " C ".write.level: unknown member; the known ones are: security "
	  "min_key_size peers signed" },
	{ WRITE("'write':{'signed':true}"),
	  " " C ".write.signed: only what has the property "
	  "`signed-write', and neither `write' nor "
	  "`write-without-response', is always signed" },
	{ WRITE("'write':{'signed':false}"),
	  " " C ".write.signed: true is wanted, or nothing" },
	{ WRITE("'write':{'peers':[]}"),
	  " " C ".write.peers: an array of strings is wanted, at least "
	  "one" },
	{ WRITE("'write':{'peers':['a','']}"),
	  " " C ".write.peers[1]: a string is wanted that is not empty" },
	{ WRITE("'write':{'peers':['sha256//AAAA']}"),
	  " " C ".write.peers[0]: `sha256//AAAA' is neither a name, "
	  "which has no `/', nor a pin: sha256// and 44 characters "
	  "of base64" },
	{ READ("'value':{'hex':''},'read':{'signed':true}"),
	  " " C ".read.signed: unknown member; the known ones are: security "
	  "min_key_size peers" },
	{ READ("'value':{'hex':''},'description':''"),
	  " " C ".description: a string is wanted that is not empty" },
	{ READ("'value':{'hex':''},'description':'" LONG "'"),
	  " " C ".description: it is longer than 512 octets" },
	{ READ("'value':{'hex':''},'descriptors':1"),
	  " " C ".descriptors: an array is wanted" },
	{ DESCRIPTOR("{'uuid':'2902'}"),
	  " " C ".descriptors[0].uuid: 2902 is added where a property "
	  "needs it: leave this out" },
	{ DESCRIPTOR("{'uuid':'2901','value':'a'},{'uuid':'2901','value':'b'}"),
	  " " C ".descriptors[1].uuid: a characteristic has one "
	  "description" },
	{ DESCRIPTOR("{'uuid':'2901','value':'a','write':'open'}"),
	  " " C ".properties: `writable-auxiliaries' is what a "
	  "descriptor 2901 with \"write\" is for: add the property" },
	{ DESCRIPTOR("{'uuid':'2901'}"),
	  " " C ".descriptors[0].value: it is missing, and no client can "
	  "write it" },
	{ DESCRIPTOR("{'uuid':'2904','value':{'file':'long'}}"),
	  " " C ".descriptors[0].value.file: the value of a descriptor must be "
	  "a constant" },
	{ DESCRIPTOR("{'uuid':'2a19'}"),
	  " " C ".descriptors[0].uuid: 2a19 is a characteristic, Battery "
	  "Level; a descriptor is wanted" },
	{ CHARACTERISTIC("'uuid':'2a19','value':1,"
			 "'properties':['read','writable-auxiliaries']"),
	  " " C ".properties: `writable-auxiliaries' is what a "
	  "descriptor 2901 with \"write\" is for: there is none" },
};

static void load_text(const char *text)
{
	char *json = strdup(text);

	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	write_file("wrong.json", json);
	free(json);
}

static void refused(void)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		times = 0;
		load_text(wrong[i].json);
		said[0] = '\0';
		if (gatt_profile_load("wrong.json", "n", &profile) !=
		    STATUS_IDENTITY || times != 1 ||
		    strncmp(said, "wrong.json:", 11) ||
		    strcmp(said + 11, wrong[i].message)) {
			fprintf(stderr, "%s\nsays %u times %s\nnot %s\n",
				wrong[i].json, times, said + (times ? 11 : 0),
				wrong[i].message);
			exit(1);
		}
		CHECK(!profile.db.attributes && !profile.values);
	}
	times = 0;
	CHECK(gatt_profile_load("none.json", "n", &profile) ==
	      STATUS_IDENTITY && times == 1);
	CHECK(!strcmp(said, "cannot read the profile `none.json': No such "
			    "file or directory"));
}

/* That many characteristics of two attributes, after seven. */
static enum status load_many(unsigned int count)
{
	FILE *file = fopen("many.json", "w");

	CHECK(file);
	fputs("{\"services\":[{\"uuid\":\"180f\",\"characteristics\":[", file);
	for (unsigned int i = 0; i < count; i++)
		fprintf(file, "%s{\"uuid\":\"2a19\",\"properties\":[\"read\"],"
			"\"value\":1}", i ? "," : "");
	fputs("]}]}", file);
	CHECK(fclose(file) == 0);
	return gatt_profile_load("many.json", "n", &profile);
}

static void limits(void)
{
	char name[300];

	CHECK(load_many((GATT_DB_MAX - 7) / 2) == STATUS_OK);
	CHECK(profile.db.count == GATT_DB_MAX);
	gatt_profile_free(&profile);
	CHECK(load_many((GATT_DB_MAX - 7) / 2 + 1) == STATUS_IDENTITY);
	CHECK(!strcmp(said, "many.json: $.services[0].characteristics[32764]: "
			    "there is no handle left for it: a database has at "
			    "most 65535 attributes"));
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	load_text(SERVICE("'characteristics':[]"));
	CHECK(gatt_profile_load("wrong.json", name, &profile) == STATUS_OK);
	CHECK(gatt_db_find(&profile.db, 3)->len == 248);
	CHECK(profile.expose_channel && !profile.expose_link);
	CHECK(!profile.appearance);
	gatt_profile_free(&profile);
}

int main(void)
{
	char directory[] = "test-gatt-profile-XXXXXX";
	static const char *const files[] = {
		"sub/profile.json", "sub/value", "wrong.json", "many.json",
		"long",
	};

	CHECK(mkdtemp(directory) && chdir(directory) == 0);
	diag_sink(hear, NULL);
	everything();
	sources();
	whole();
	write_file("long", LONG);
	refused();
	limits();
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		CHECK(unlink(files[i]) == 0);
	CHECK(rmdir("sub") == 0 && chdir("..") == 0);
	CHECK(rmdir(directory) == 0);
	return 0;
}
