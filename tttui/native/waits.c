/* Signals that come right before a wait. The interpreter looks for none between the beginning of a line and what C code does
 * in it: one that comes there is handled when the wait is over, if ever. Alone that is an instant, but with an event, inputs
 * and the copying of pages behind a fork in it a long time. So such a signal interrupts the wait, as it would have done had
 * it come an instant later: with copies or without. */
#include "recorder.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>

static struct {
    uint64_t came;   /* signals in the main thread that interrupt what waits, so far */
    uint64_t before; /* and at the beginning of the last call that may be noted      */
    bool news;       /* one has come since it was last asked                         */
} tripped;

/* The thread in which the interpreter handles signals. */
static bool in_main_thread(void) { return pthread_equal(pthread_self(), (pthread_t)_PyRuntime.main_thread); }

/* One has come, by a handler that interrupts. */
static void signal_trips(void)
{
    __atomic_add_fetch(&tripped.came, 1, __ATOMIC_RELAXED);
    tripped.news = true;
}

/* Where something is to wait: whether it must not. Once is enough: whoever tries again has looked. */
static bool signal_overlooked(void)
{
    if (LIKELY(!tripped.news) || R.copy || !in_main_thread()) {
        return false;
    }
    tripped.news = false;
    return tripped.came != tripped.before || signals_wait();
}

/* The same of what writes, which waits only where a pipe, a socket or a terminal is full. */
static bool overlooked_before_writing(int fd)
{
    if (LIKELY(!tripped.news) || R.copy) {
        return false;
    }
    struct pollfd state = {fd, POLLOUT, 0};
    struct timespec now = {0, 0};
    tripped.before = tripped.came;
    if (own_call(SYS_ppoll, &state, 1, &now, NULL, 8L) != 0 || !signal_overlooked()) {
        return false;
    }
    errno = EINTR;
    return true;
}

/* And of opening a file: nothing but a FIFO waits for the other end. */
static bool overlooked_before_opening(int directory, const char *path)
{
    struct stat status;
    return UNLIKELY(tripped.news) && own_call(SYS_newfstatat, directory, path, &status, 0) == 0 && S_ISFIFO(status.st_mode) &&
           signal_overlooked();
}

static long noted_call(long number, long a, long b, long c, long d, long e, long f);

/* A system call that may wait. */
static long waiting_call(long number, long a, long b, long c, long d, long e, long f)
{
    if (UNLIKELY(signal_overlooked())) {
        errno = EINTR;
        return -1;
    }
    return noted_call(number, a, b, c, d, e, f);
}
