/* The random bytes from which an interpreter's hashes of str and bytes are made, given instead of random ones:
 * the order of sets follows from them. Loaded before everything else (LD_PRELOAD) into an interpreter that is to run
 * a program again; it is no module of Python's. What it was told by goes from the environment before Python reads that. */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))
#define SECRET 24 /* bytes of _Py_HashSecret */

static uint8_t secret[SECRET];
static size_t given;

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static __attribute__((constructor)) void read_secret(void)
{
    const char *text = getenv("TTTUI_HASH_SECRET");
    size_t count = 0;
    while (text != NULL && count < SECRET && digit(text[2 * count]) >= 0 && digit(text[2 * count + 1]) >= 0) {
        secret[count] = (uint8_t)(digit(text[2 * count]) << 4 | digit(text[2 * count + 1]));
        count++;
    }
    given = count == SECRET ? SECRET : 0;
    unsetenv("TTTUI_HASH_SECRET");
    const char *before = getenv("TTTUI_LD_PRELOAD"); /* what it was in the program */
    if (before != NULL) {
        setenv("LD_PRELOAD", before, 1);
        unsetenv("TTTUI_LD_PRELOAD");
    }
    else {
        unsetenv("LD_PRELOAD");
    }
}

/* The first of so many bytes are Python's for its hashes. */
SEEN ssize_t getrandom(void *buffer, size_t count, unsigned flags)
{
    if (given > 0 && count == SECRET) {
        given = 0;
        memcpy(buffer, secret, SECRET);
        return SECRET;
    }
    return syscall(SYS_getrandom, buffer, count, flags);
}
