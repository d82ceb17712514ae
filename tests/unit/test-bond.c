/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys from events in any order, the sign counter, and files that are old,
 * damaged, or cannot be written. */
#include "config.h"
#include "bluetooth/bond.h"
#include "base/hex.h"
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NAME "00:AA:01:01:00:00.bonds"
#define BONDS_MAX 25
#define NOBODY 65534

static char dir[] = "/tmp/test-bond.XXXXXX";
static char said[1200];
static unsigned int times;
static bdaddr_t adapter, device, other;

static void hear(enum diag_level level, const char *text, void *arg)
{
	(void)level, (void)arg;
	snprintf(said, sizeof(said), "%s", text);
	times++;
}

static bool fails(enum status status, const char *words)
{
	bool ok = status == STATUS_OTHER && times == 1 && strstr(said, words);

	if (!ok)
		fprintf(stderr, "status %d, said %u: %s\n", status, times,
			said);
	times = 0;
	return ok;
}

/* True if the counter was refused because it was used before. */
static bool refuses(enum status status)
{
	bool ok = status == STATUS_REFUSED && times == 1 &&
		  strstr(said, "was already used");

	times = 0;
	return ok;
}

/* The linker puts this in place of mgmt_command (Makefile.am). */
int __wrap_mgmt_command(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
			const void *params, size_t params_len, void *reply,
			size_t *len);
static uint8_t loaded[1024];
static size_t loaded_len;

int __wrap_mgmt_command(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
			const void *params, size_t params_len, void *reply,
			size_t *len)
{
	(void)mgmt, (void)reply, (void)len;
	CHECK(opcode == MGMT_LOAD_LONG_TERM_KEYS && index == 3);
	CHECK(params_len <= sizeof(loaded));
	memcpy(loaded, params, params_len);
	loaded_len = params_len;
	return 0;
}

/* Files. */

static const char *path(const char *name)
{
	static char text[100];

	snprintf(text, sizeof(text), "%s/%s", dir, name);
	return text;
}

static void put(const char *text)
{
	FILE *file = fopen(path(NAME), "w");

	CHECK(file && fputs(text, file) >= 0 && !fclose(file));
}

static const char *content(void)
{
	static char text[8192];
	FILE *file = fopen(path(NAME), "r");
	size_t len = 0;

	if (file) {
		len = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	return text;
}

static void nothing_is_kept(void)
{
	unlink(path(NAME));
}

/* Events.  The octets of a key count up from its first one. */

static void fill(uint8_t *value, uint8_t first)
{
	for (uint8_t i = 0; i < 16; i++)
		value[i] = (uint8_t)(first + i);
}

static void take_ltk(struct bond_keys *keys, const bdaddr_t *of, uint8_t type,
		     bool store, uint8_t first)
{
	uint8_t event[1 + BOND_LTK_SIZE] = { store };

	mgmt_put_address(event + 1, of, type);
	event[8] = 3;
	event[10] = 16;
	fill(event + 21, first);
	for (size_t len = 0; len < sizeof(event); len++) {
		struct bond_keys none = { 0 };

		bond_take(&none, MGMT_EV_NEW_LONG_TERM_KEY, event, len);
		CHECK(!none.ltk_known && !none.csrk_known);
	}
	bond_take(keys, MGMT_EV_NEW_LONG_TERM_KEY, event, sizeof(event));
}

static void take_csrk(struct bond_keys *keys, const bdaddr_t *of, uint8_t type,
		      bool store, uint8_t kind, uint8_t first)
{
	uint8_t event[1 + BOND_CSRK_SIZE] = { store };

	mgmt_put_address(event + 1, of, type);
	event[8] = kind;
	fill(event + 9, first);
	for (size_t len = 0; len < sizeof(event); len++) {
		struct bond_keys none = { 0 };

		bond_take(&none, MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY, event,
			  len);
		CHECK(!none.ltk_known && !none.csrk_known);
	}
	bond_take(keys, MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY, event,
		  sizeof(event));
}

/* Store a pairing, with a signature key unless csrk is 0. */
static void pair(const bdaddr_t *with, uint8_t ltk, uint8_t csrk)
{
	struct bond_keys keys = { 0 };

	if (csrk)
		take_csrk(&keys, with, BDADDR_LE_PUBLIC, true, 1, csrk);
	take_ltk(&keys, with, BDADDR_LE_PUBLIC, true, ltk);
	CHECK(!bond_keep(&adapter, &keys));
}

static bool signs_by(const bdaddr_t *who, uint8_t type, uint8_t first,
		     bool authenticated, uint32_t next)
{
	struct bond_signing signing;
	uint8_t value[16];
	bool bonded, known = false;

	fill(value, first);
	CHECK(!bond_signing(&adapter, who, type, &bonded, &known,
			    &signing));
	return bonded && known && !memcmp(signing.csrk, value, 16) &&
	       signing.authenticated == authenticated && signing.next == next;
}

static bool signs(const bdaddr_t *who, uint8_t type)
{
	static const struct bond_signing zero;
	struct bond_signing signing = { .next = 7 };
	bool bonded, known = true;

	CHECK(!bond_signing(&adapter, who, type, &bonded, &known,
			    &signing));
	CHECK(known || (!memcmp(signing.csrk, zero.csrk, 16) &&
			!signing.authenticated && !signing.next));
	return known;
}

/* True if bond_load loads this many keys, with this one among them. */
static bool loads(size_t count, const bdaddr_t *who, uint8_t first)
{
	uint8_t value[16];

	fill(value, first);
	loaded_len = 0;
	CHECK(!bond_load(NULL, 3, &adapter));
	if (!count)
		return !loaded_len;
	if (loaded_len != 2 + count * BOND_LTK_SIZE || loaded[0] != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *key = loaded + 2 + i * BOND_LTK_SIZE;

		if (!memcmp(key, who, 6))
			return key[6] == BDADDR_LE_PUBLIC && key[7] == 3 &&
			       key[9] == 16 && !memcmp(key + 20, value, 16);
	}
	return false;
}

/* The tests. */

static void both_orders_and_what_is_written(void)
{
	struct bond_keys keys = { 0 };
	static const char line[] =
		"{\"address\":\"00:AA:01:01:00:01\",\"type\":\"public\","
		"\"key\":\"01000101aa0001030010000000000000000000002021222324"
		"25262728292a2b2c2d2e2f\","
		"\"csrk\":\"404142434445464748494a4b4c4d4e4f\","
		"\"csrk_authenticated\":true,\"sign_counter\":0}\n";
	struct stat st;

	take_csrk(&keys, &device, BDADDR_LE_PUBLIC, true, 3, 0x40);
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, true, 0x20);
	CHECK(!bond_keep(&adapter, &keys));
	CHECK(!strcmp(content(), line));
	CHECK(!stat(path(NAME), &st) && (st.st_mode & 0777) == 0600);
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, true, 0));
	nothing_is_kept();

	memset(&keys, 0, sizeof(keys));
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, true, 0x20);
	take_csrk(&keys, &device, BDADDR_LE_PUBLIC, true, 3, 0x40);
	CHECK(!bond_keep(&adapter, &keys));
	CHECK(!strcmp(content(), line));
	CHECK(loads(1, &device, 0x20));
	nothing_is_kept();
}

static void only_what_is_to_be_kept(void)
{
	struct bond_keys keys = { 0 };

	/* Only the remote kinds count, not local or unknown ones. */
	for (uint8_t kind = 0; kind < 8; kind++) {
		memset(&keys, 0, sizeof(keys));
		take_csrk(&keys, &device, BDADDR_LE_PUBLIC, true, kind, 0x40);
		CHECK(keys.csrk_known == (kind == 1 || kind == 3));
	}
	memset(&keys, 0, sizeof(keys));
	take_csrk(&keys, &device, BDADDR_LE_PUBLIC, true, 1, 0x40);
	take_csrk(&keys, &device, BDADDR_LE_PUBLIC, true, 0, 0x60);
	take_csrk(&keys, &device, BDADDR_LE_PUBLIC, false, 1, 0x60);
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, true, 0x20);
	CHECK(!bond_keep(&adapter, &keys));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, 0));
	nothing_is_kept();

	/* Without a long term key that is to be stored, there is no bond. */
	memset(&keys, 0, sizeof(keys));
	take_csrk(&keys, &device, BDADDR_LE_PUBLIC, true, 1, 0x40);
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, false, 0x20);
	bond_take(&keys, MGMT_EV_DEVICE_CONNECTED, keys.csrk,
		  sizeof(keys.csrk));
	CHECK(!bond_keep(&adapter, &keys));
	CHECK(access(path(NAME), F_OK) < 0);

	/* A signature key of another device is ignored. */
	memset(&keys, 0, sizeof(keys));
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, true, 0x20);
	take_csrk(&keys, &device, BDADDR_LE_RANDOM, true, 1, 0x40);
	CHECK(!bond_keep(&adapter, &keys));
	CHECK(!signs(&device, BDADDR_LE_PUBLIC));
	CHECK(!signs(&device, BDADDR_LE_RANDOM));
	CHECK(!strstr(content(), "csrk") && loads(1, &device, 0x20));
	nothing_is_kept();
}

static void the_counter_never_goes_back(void)
{
	pair(&other, 0x10, 0x50);
	pair(&device, 0x20, 0x40);
	CHECK(!bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, 5));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, 5));
	/* Another session may have used the counter first. */
	for (uint32_t used = 0; used <= 5; used++)
		CHECK(refuses(bond_counter(&adapter, &device, BDADDR_LE_PUBLIC,
					   used)));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, 5));
	CHECK(signs_by(&other, BDADDR_LE_PUBLIC, 0x50, false, 0));
	CHECK(loads(2, &device, 0x20) && loads(2, &other, 0x10));

	/* Pairing another device does not change it. */
	pair(&other, 0x11, 0x51);
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, 5));

	/* It does not wrap around at the end. */
	CHECK(!bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, UINT32_MAX));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, UINT32_MAX));
	CHECK(refuses(bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, 0)));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, UINT32_MAX));

	/* Pairing again replaces the key and resets the counter, or removes the
	 * key. */
	pair(&device, 0x21, 0x41);
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x41, false, 0));
	CHECK(loads(2, &device, 0x21));
	CHECK(!bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, 5));
	pair(&device, 0x22, 0);
	CHECK(!signs(&device, BDADDR_LE_PUBLIC));
	CHECK(!times);
	CHECK(fails(bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, 9),
		    "the signing key of 00:AA:01:01:00:01 is no longer stored"));
	nothing_is_kept();
}

static void what_is_accepted(void)
{
	struct bond_signing signing = { .next = 5 };

	CHECK(!bond_signing_accepts(&signing, 0));
	CHECK(!bond_signing_accepts(&signing, 4));
	CHECK(bond_signing_accepts(&signing, 5));
	CHECK(bond_signing_accepts(&signing, UINT32_MAX - 1));
	CHECK(!bond_signing_accepts(&signing, UINT32_MAX));
	signing.next = UINT32_MAX;
	CHECK(!bond_signing_accepts(&signing, 0));
	CHECK(!bond_signing_accepts(&signing, UINT32_MAX));
	signing.next = 0;
	CHECK(bond_signing_accepts(&signing, 0));
}

static void who_it_is(void)
{
	pair(&device, 0x20, 0x40);
	CHECK(!signs(&device, BDADDR_LE_RANDOM));
	CHECK(!signs(&other, BDADDR_LE_PUBLIC));
	CHECK(fails(bond_counter(&adapter, &device, BDADDR_LE_RANDOM, 1),
		    "no longer stored"));
	CHECK(fails(bond_counter(&adapter, &other, BDADDR_LE_PUBLIC, 1),
		    "no longer stored"));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, 0));

	/* bond_forget removes all keys; with the last bond the file goes. */
	pair(&other, 0x10, 0x50);
	CHECK(!bond_forget(&adapter, &device));
	CHECK(!signs(&device, BDADDR_LE_PUBLIC) && loads(1, &other, 0x10));
	CHECK(!strstr(content(), "404142"));
	CHECK(!bond_forget(&adapter, &device));
	CHECK(!bond_forget(&adapter, &other));
	CHECK(access(path(NAME), F_OK) < 0 && loads(0, NULL, 0));
	CHECK(!bond_forget(&adapter, &other));
}

#define OLD                                                                   \
	"{\"address\":\"00:AA:01:01:00:01\",\"type\":\"public\","             \
	"\"key\":\"01000101aa0001030010000000000000000000002021222324"        \
	"25262728292a2b2c2d2e2f\""
#define CSRK ",\"csrk\":\"404142434445464748494a4b4c4d4e4f\""

static void the_old_format(void)
{
	put(OLD "}\n");
	CHECK(!signs(&device, BDADDR_LE_PUBLIC) && loads(1, &device, 0x20));
	pair(&other, 0x10, 0x50);
	CHECK(!strncmp(content(), OLD "}\n", strlen(OLD "}\n")));
	CHECK(loads(2, &device, 0x20));
	CHECK(signs_by(&other, BDADDR_LE_PUBLIC, 0x50, false, 0));
	nothing_is_kept();
}

static void the_new_format(void)
{
	put(OLD CSRK ",\"csrk_authenticated\":true,"
	    "\"sign_counter\":4294967295}\n");
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, true, UINT32_MAX));
	nothing_is_kept();
}

static void damaged(void)
{
	static const char *const texts[] = {
		"\n", "{}\n", "[]\n", OLD "\n", "x" OLD "}\n",
		OLD CSRK "}\n",
		OLD CSRK ",\"csrk_authenticated\":true}\n",
		OLD CSRK ",\"sign_counter\":0}\n",
		OLD ",\"sign_counter\":0}\n",
		OLD ",\"csrk_authenticated\":true}\n",
		OLD ",\"csrk_authenticated\":true,\"sign_counter\":0}\n",
		OLD CSRK ",\"csrk_authenticated\":1,\"sign_counter\":0}\n",
		OLD CSRK ",\"csrk_authenticated\":true,\"sign_counter\":-1}\n",
		OLD CSRK ",\"csrk_authenticated\":true,"
			"\"sign_counter\":4294967296}\n",
		OLD CSRK ",\"csrk_authenticated\":true,"
			"\"sign_counter\":18446744073709551616}\n",
		OLD CSRK ",\"csrk_authenticated\":true,\"sign_counter\":1.5}\n",
		OLD CSRK ",\"csrk_authenticated\":true,\"sign_counter\":\"1\"}"
			"\n",
		OLD CSRK CSRK ",\"csrk_authenticated\":true,"
			"\"sign_counter\":0}\n",
		OLD ",\"csrk\":1,\"csrk_authenticated\":true,"
			"\"sign_counter\":0}\n",
		OLD ",\"csrk\":null,\"csrk_authenticated\":true,"
			"\"sign_counter\":0}\n",
		OLD ",\"csrk\":\"40\",\"csrk_authenticated\":true,"
			"\"sign_counter\":0}\n",
		OLD ",\"csrk\":\"g04142434445464748494a4b4c4d4e4f\","
			"\"csrk_authenticated\":true,\"sign_counter\":0}\n",
		OLD "}\n" OLD CSRK "}\n",
	};
	struct bond_keys keys = { 0 };
	struct bond_signing signing;
	bool bonded, known = true;

	take_ltk(&keys, &other, BDADDR_LE_PUBLIC, true, 0x10);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		put(texts[i]);
		CHECK(fails(bond_signing(&adapter, &device, BDADDR_LE_PUBLIC,
					 &bonded, &known, &signing), "is damaged"));
		CHECK(!known && !signing.next);
		CHECK(fails(bond_keep(&adapter, &keys), "is damaged"));
		CHECK(fails(bond_counter(&adapter, &device, BDADDR_LE_PUBLIC,
					 1), "is damaged"));
		CHECK(fails(bond_forget(&adapter, &device), "is damaged"));
		CHECK(fails(bond_load(NULL, 3, &adapter), "is damaged"));
		/* The file is left for the user to repair. */
		CHECK(!strcmp(content(), texts[i]));
	}
	nothing_is_kept();
}

static void as_many_as_there_may_be(void)
{
	struct bond_keys keys = { 0 };
	bdaddr_t one = device, new = device;

	for (uint8_t i = 0; i < BONDS_MAX; i++) {
		one.b[0] = i;
		pair(&one, i, (uint8_t)(i + 1));
	}
	CHECK(loads(BONDS_MAX, &one, BONDS_MAX - 1));
	new.b[0] = BONDS_MAX;
	take_ltk(&keys, &new, BDADDR_LE_PUBLIC, true, 0x20);
	CHECK(fails(bond_keep(&adapter, &keys), "there are 25 bonds"));
	/* A device that has a bond can pair again. */
	pair(&one, 0x33, 0x44);
	CHECK(loads(BONDS_MAX, &one, 0x33));
	CHECK(signs_by(&one, BDADDR_LE_PUBLIC, 0x44, false, 0));
	nothing_is_kept();
}

/* Two programs do not undo each other's changes. */
static void two_at_once(void)
{
	enum { ROUNDS = 100 };
	int status;
	pid_t pid;

	pair(&device, 0x20, 0x40);
	pair(&other, 0x10, 0x50);
	pid = fork();
	CHECK(pid >= 0);
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		CHECK(!bond_counter(&adapter, pid ? &device : &other,
				    BDADDR_LE_PUBLIC, i));
		/* The other one looks for the lock every 10 ms. */
		usleep(3000);
	}
	if (!pid)
		_exit(0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, ROUNDS));
	CHECK(signs_by(&other, BDADDR_LE_PUBLIC, 0x50, false, ROUNDS));
	nothing_is_kept();
}

/* If the directory cannot be written, that is an error and the bonds stay. */
static void read_only(void)
{
	struct bond_keys keys = { 0 };

	pair(&device, 0x20, 0x40);
	CHECK(!bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, 5));
	CHECK(!chmod(dir, 0500));
	/* Root may write anyway, so become the user nobody. */
	if (!geteuid() && (chown(dir, NOBODY, -1) ||
			   chown(path(NAME), NOBODY, -1) ||
			   chown(path("lock"), NOBODY, -1) ||
			   seteuid(NOBODY))) {
		fprintf(stderr, "nobody else here: a directory that cannot be "
			"written is not tried\n");
		goto out;
	}
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, true, 0x21);
	CHECK(fails(bond_keep(&adapter, &keys), "cannot create"));
	CHECK(fails(bond_counter(&adapter, &device, BDADDR_LE_PUBLIC, 6),
		    "cannot create"));
	CHECK(fails(bond_forget(&adapter, &device), "cannot remove"));
	/* If nothing changes, nothing need be written. */
	CHECK(!bond_forget(&adapter, &other));
	CHECK(signs_by(&device, BDADDR_LE_PUBLIC, 0x40, false, 5));
	CHECK(loads(1, &device, 0x20));
out:
	CHECK(!getuid() ? !seteuid(0) : 1);
	CHECK(!chmod(dir, 0700));
	nothing_is_kept();
}

static void where_it_is(void)
{
	struct bond_keys keys = { 0 };
	struct bond_signing signing;
	char text[200];
	bool bonded, known;

	/* The first directory counts; it is created if necessary. */
	snprintf(text, sizeof(text), "%s/state:/nonexistent", dir);
	setenv("STATE_DIRECTORY", text, 1);
	CHECK(!bond_forget(&adapter, &device));
	CHECK(!signs(&device, BDADDR_LE_PUBLIC));
	CHECK(access(path("state"), F_OK) < 0);
	pair(&device, 0x20, 0x40);
	CHECK(!access(path("state/" NAME), F_OK));
	CHECK(!bond_forget(&adapter, &device));
	unlink(path("state/lock"));
	CHECK(!rmdir(path("state")));

	/* The directory cannot be created. */
	snprintf(text, sizeof(text), "%s/file/below", dir);
	CHECK(!close(creat(path("file"), 0600)));
	setenv("STATE_DIRECTORY", text, 1);
	take_ltk(&keys, &device, BDADDR_LE_PUBLIC, true, 0x20);
	CHECK(fails(bond_keep(&adapter, &keys), "cannot open"));
	CHECK(fails(bond_signing(&adapter, &device, BDADDR_LE_PUBLIC, &bonded,
				 &known, &signing), "cannot open") && !known);
	CHECK(!unlink(path("file")));
	setenv("STATE_DIRECTORY", dir, 1);
}

int main(void)
{
	str2ba("00:AA:01:01:00:00", &adapter);
	str2ba("00:AA:01:01:00:01", &device);
	str2ba("00:AA:01:01:00:02", &other);
	CHECK(mkdtemp(dir));
	setenv("STATE_DIRECTORY", dir, 1);
	diag_init("test-bond");
	diag_sink(hear, NULL);
	both_orders_and_what_is_written();
	only_what_is_to_be_kept();
	the_counter_never_goes_back();
	what_is_accepted();
	who_it_is();
	the_old_format();
	the_new_format();
	damaged();
	as_many_as_there_may_be();
	two_at_once();
	read_only();
	where_it_is();
	CHECK(!times);
	unlink(path("lock"));
	CHECK(!rmdir(dir));
	return 0;
}
