/* Loaded before everything else (LD_PRELOAD) into an interpreter that is to run a program again; it is no module of
 * Python's. What differs from one process to the next before any code of Python's runs is given here as it was: the
 * random bytes from which str and bytes are hashed (the order of sets follows from them), and the number by which
 * the main thread is known. Libraries that would start threads of their own for numbers get along with one. What this
 * is told by goes from the environment before Python reads that. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))
#define SECRET 24 /* bytes of _Py_HashSecret */

static uint8_t secret[SECRET];
static int given;
static pthread_t known_as, main_thread; /* what the main thread was known as, and what it really is */

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* libc's own, behind the one here. */
static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static __attribute__((constructor)) void read_wishes(void)
{
    const char *text = getenv("TTTUI_HASH_SECRET"), *number = getenv("TTTUI_MAIN_THREAD"), *before = getenv("TTTUI_LD_PRELOAD");
    size_t count = 0;
    while (text != NULL && count < SECRET && digit(text[2 * count]) >= 0 && digit(text[2 * count + 1]) >= 0) {
        secret[count] = (uint8_t)(digit(text[2 * count]) << 4 | digit(text[2 * count + 1]));
        count++;
    }
    given = count == SECRET;
    pthread_t (*real)(void) = (pthread_t(*)(void))next("pthread_self");
    if (number != NULL && real != NULL) {
        main_thread = real();
        known_as = (pthread_t)strtoull(number, NULL, 10);
    }
    if (before != NULL) { /* what it was in the program */
        setenv("LD_PRELOAD", before, 1);
    }
    else {
        unsetenv("LD_PRELOAD");
    }
    unsetenv("TTTUI_HASH_SECRET");
    unsetenv("TTTUI_MAIN_THREAD");
    unsetenv("TTTUI_LD_PRELOAD");
}

/* The first of so many bytes are Python's for its hashes. */
SEEN ssize_t getrandom(void *buffer, size_t count, unsigned flags)
{
    if (given && count == SECRET) {
        given = 0;
        memcpy(buffer, secret, SECRET);
        return SECRET;
    }
    static ssize_t (*real)(void *, size_t, unsigned); /* of which the recorder notes what it gives */
    if (real == NULL) {
        real = (ssize_t(*)(void *, size_t, unsigned))next("getrandom");
    }
    return real != NULL ? real(buffer, count, flags) : syscall(SYS_getrandom, buffer, count, flags);
}

SEEN char *getenv(const char *name)
{
    static char *(*real)(const char *);
    static char one[] = "1";
    static const char *const of_pools[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS"};
    for (size_t i = 0; known_as != 0 && i < sizeof of_pools / sizeof *of_pools; i++) {
        if (strcmp(name, of_pools[i]) == 0) {
            return one;
        }
    }
    if (real == NULL) {
        real = (char *(*)(const char *))next("getenv");
    }
    return real(name);
}

/* ---- threads: a name for one, which libc would take for an address ---- */

SEEN pthread_t pthread_self(void)
{
    static pthread_t (*real)(void);
    if (real == NULL) {
        real = (pthread_t(*)(void))next("pthread_self");
    }
    pthread_t self = real();
    return known_as != 0 && self == main_thread ? known_as : self;
}

#define TRANSLATED(name, parameters, ...)                                                                                                  \
    SEEN int name parameters                                                                                                               \
    {                                                                                                                                      \
        static int(*real) parameters;                                                                                                      \
        if (real == NULL) {                                                                                                                \
            real = (int(*) parameters)next(#name);                                                                                         \
        }                                                                                                                                  \
        thread = known_as != 0 && thread == known_as ? main_thread : thread;                                                               \
        return real(__VA_ARGS__);                                                                                                          \
    }

TRANSLATED(pthread_kill, (pthread_t thread, int number), thread, number)
TRANSLATED(pthread_sigqueue, (pthread_t thread, int number, const union sigval value), thread, number, value)
TRANSLATED(pthread_join, (pthread_t thread, void **result), thread, result)
TRANSLATED(pthread_detach, (pthread_t thread), thread)
TRANSLATED(pthread_cancel, (pthread_t thread), thread)
TRANSLATED(pthread_getattr_np, (pthread_t thread, pthread_attr_t *attributes), thread, attributes)
TRANSLATED(pthread_getcpuclockid, (pthread_t thread, clockid_t *clock), thread, clock)
TRANSLATED(pthread_getname_np, (pthread_t thread, char *name, size_t size), thread, name, size)
TRANSLATED(pthread_setname_np, (pthread_t thread, const char *name), thread, name)
TRANSLATED(pthread_getaffinity_np, (pthread_t thread, size_t size, cpu_set_t *set), thread, size, set)
TRANSLATED(pthread_setaffinity_np, (pthread_t thread, size_t size, const cpu_set_t *set), thread, size, set)
TRANSLATED(pthread_getschedparam, (pthread_t thread, int *policy, struct sched_param *parameters), thread, policy, parameters)
TRANSLATED(pthread_setschedparam, (pthread_t thread, int policy, const struct sched_param *parameters), thread, policy, parameters)
