/* Preloaded: lets calls on the files of a journal fail with EIO. Built by test_sqlite_io.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char armed_for[16] = "";
static long calls = 0, failures = 0, nth = 0, times = 0;
static double probability = 0;
static unsigned short dice[3];

/* The calls of one kind fail from the nth on, so many times; or each with a probability. */
void fail_nth(const char *kind, long first, long how_often) {
    strncpy(armed_for, kind, sizeof armed_for - 1);
    nth = first, times = how_often, calls = 0, failures = 0, probability = 0;
}

void fail_randomly(const char *kind, double chance, unsigned seed) {
    fail_nth(kind, 0, 0);
    probability = chance;
    dice[0] = (unsigned short)seed, dice[1] = 0x330e, dice[2] = 0x1234;
}

long failures_so_far(void) { return failures; }

static int of_a_journal(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, "journal.db") != NULL;
}

static int fails(const char *kind, int file) {
    if (strcmp(kind, armed_for) != 0 || !of_a_journal(file)) return 0;
    calls++;
    int now = probability > 0 ? erand48(dice) < probability : calls >= nth && calls < nth + times;
    if (now) failures++, errno = EIO;
    return now;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int f, const void *b, size_t n, off_t o) {
    return fails("write", f) ? -1 : REAL(pwrite)(f, b, n, o);
}
ssize_t pwrite64(int f, const void *b, size_t n, off64_t o) {
    return fails("write", f) ? -1 : REAL(pwrite64)(f, b, n, o);
}
ssize_t pread(int f, void *b, size_t n, off_t o) {
    return fails("read", f) ? -1 : REAL(pread)(f, b, n, o);
}
ssize_t pread64(int f, void *b, size_t n, off64_t o) {
    return fails("read", f) ? -1 : REAL(pread64)(f, b, n, o);
}
int fsync(int f) { return fails("sync", f) ? -1 : REAL(fsync)(f); }
int fdatasync(int f) { return fails("sync", f) ? -1 : REAL(fdatasync)(f); }
int ftruncate(int f, off_t n) { return fails("truncate", f) ? -1 : REAL(ftruncate)(f, n); }
int ftruncate64(int f, off64_t n) { return fails("truncate", f) ? -1 : REAL(ftruncate64)(f, n); }
