/* Loaded before libc in the processes of a recording (LD_PRELOAD): somebody sets the wall clock all the time, by
 * $CLOCK_STEP seconds forward, back and back again. The clocks that nobody can set run on.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t step(void)
{
    static long step, asked;
    if (step == 0) {
        const char *seconds = getenv("CLOCK_STEP");
        step = seconds ? atol(seconds) : 0;
    }
    return step * (asked++ / 3 % 3 - 1);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = ((__typeof__(&clock_gettime))dlsym(RTLD_NEXT, "clock_gettime"))(clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI) {
        now->tv_sec += step();
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    int result = ((__typeof__(&gettimeofday))dlsym(RTLD_NEXT, "gettimeofday"))(now, zone);
    now->tv_sec += step();
    return result;
}

time_t time(time_t *now)
{
    time_t found = ((__typeof__(&time))dlsym(RTLD_NEXT, "time"))(NULL) + step();
    if (now) {
        *now = found;
    }
    return found;
}
