/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alloc.so, for LD_PRELOAD: make one allocation fail.
 *
 *   ALLOC_FAILS=N	fail the Nth allocation, from 1; 0 or unset: none
 *   ALLOC_IN=NAME	fail it in a process of this name, counted from when the
 *			process sets the name with prctl(2); unset: in the first
 *			process only
 *   ALLOC_DEEP=1	count allocations that libraries make too; unset: only
 *			those that the program itself makes
 *   ALLOC_STATE=FILE	the first octet must be 'a' (armed) when a process sets
 *			its name, or the process is spared; it becomes 'f' when
 *			an allocation has failed
 *
 * With ALLOC_DEEP, all later allocations fail too, as under a memory limit.
 * Without it, memory that a library function such as BIO_new allocates does not
 * count.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>

static uintptr_t from, to;	/* the program's code in memory */
static long wanted, count;
static bool deep, counting;
static const char *where;
static volatile char *state;	/* shared by all processes */

static int find_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		from = start;
		to = start + p->p_memsz;
	}
	return 1;	/* the program is the first one */
}

static long number(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : 0;
}

static volatile char *map(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	void *at = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		_exit(99);
	close(fd);
	return at;
}

__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("ALLOC_STATE");

	wanted = number("ALLOC_FAILS");
	deep = number("ALLOC_DEEP");
	where = getenv("ALLOC_IN");
	dl_iterate_phdr(find_program, NULL);
	/* Map it now: the program closes descriptors, and its sandbox forbids
	 * opening files. */
	if (file)
		state = map(file);
	counting = !where;
}

/* True if this allocation is to fail. */
static bool fails(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (!counting || !wanted || (!deep && (at < from || at >= to)))
		return false;
	count++;
	if (count < wanted || (count > wanted && !deep))
		return false;
	if (state)
		*state = 'f';
	errno = ENOMEM;
	return true;
}

#define FAILS() fails(__builtin_return_address(0))

/* Look up the function of this name that this library replaces. */
#define NEXT(name)                                                            \
	static __typeof__(&name) next;                                        \
                                                                              \
	if (!next)                                                            \
		*(void **)&next = dlsym(RTLD_NEXT, #name)

void *malloc(size_t size)
{
	NEXT(malloc);
	return FAILS() ? NULL : next(size);
}

void *calloc(size_t n, size_t size)
{
	NEXT(calloc);
	return FAILS() ? NULL : next(n, size);
}

void *realloc(void *old, size_t size)
{
	NEXT(realloc);
	return FAILS() ? NULL : next(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
	NEXT(reallocarray);
	return FAILS() ? NULL : next(old, n, size);
}

char *strdup(const char *text)
{
	NEXT(strdup);
	return FAILS() ? NULL : next(text);
}

int __asprintf_chk(char **text, int flag, const char *format, ...);

__attribute__((format(printf, 3, 4)))
int __asprintf_chk(char **text, int flag, const char *format, ...)
{
	va_list ap;
	int n;

	(void)flag;
	if (FAILS())
		return -1;
	va_start(ap, format);
	n = vasprintf(text, format, ap);
	va_end(ap);
	return n;
}

/* OPENSSL_malloc and OPENSSL_zalloc are macros that call these. */
void *CRYPTO_malloc(size_t size, const char *file, int line);
void *CRYPTO_zalloc(size_t size, const char *file, int line);

void *CRYPTO_malloc(size_t size, const char *file, int line)
{
	NEXT(CRYPTO_malloc);
	return FAILS() ? NULL : next(size, file, line);
}

void *CRYPTO_zalloc(size_t size, const char *file, int line)
{
	NEXT(CRYPTO_zalloc);
	return FAILS() ? NULL : next(size, file, line);
}

int prctl(int option, ...)
{
	unsigned long args[4];
	va_list ap;

	NEXT(prctl);
	va_start(ap, option);
	for (int i = 0; i < 4; i++)
		args[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (option == PR_SET_NAME) {
		/* Start counting if this is the process to fail in. */
		counting = where && !strcmp((const char *)args[0], where) &&
			   (!state || *state == 'a');
		count = 0;
	}
	return next(option, args[0], args[1], args[2], args[3]);
}
