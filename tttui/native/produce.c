/* The producer's side of the ring: bytes in, whole events published. */
#include "recorder.h"
#include "own_call.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* What one record may write past `limit`: scalars and short strings are written without a check. */
#define SLACK (256 * 1024)
/* Longer strings are kept once, in a definition. */
#define INLINE_TEXT 48
#define TIME_EVENTS 64
#define TIME_TICKS 40000 /* some 10-20 us: a longer pause is always written down */
/* How long a program waits for a writer that shows no sign of life before recording is given up. */
#define WRITER_PATIENCE_NS 10000000000ULL

typedef int (*ClockFunction)(clockid_t, struct timespec *);

/* Once libc's own notes what it told the program, this is what stands behind it. */
static ClockFunction clock_by_kernel = clock_gettime;

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_by_kernel(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

static inline uint64_t ticks(void)
{
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
    return value * 32;
#else
    return clock_ns(CLOCK_MONOTONIC);
#endif
}

/* ---- primitives: the caller has room for SLACK bytes ---- */

static inline void put_byte(uint8_t byte) { *R.cursor++ = byte; }

static inline void put_unsigned(uint64_t value)
{
    uint8_t *p = R.cursor;
    while (UNLIKELY(value >= 0x80)) {
        *p++ = (uint8_t)value | 0x80;
        value >>= 7;
    }
    *p++ = (uint8_t)value;
    R.cursor = p;
}

static inline void put_signed(int64_t value)
{
    put_unsigned(((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static inline void put_bytes(const void *bytes, size_t count)
{
    memcpy(R.cursor, bytes, count);
    R.cursor += count;
}

static inline bool has_room(void) { return LIKELY(R.cursor < R.limit); }

/* ---- publishing ---- */

static void stop_recording(int reason);

static bool process_gone(int64_t pid)
{
    return pid > 0 && own_call(SYS_kill, pid, 0) == -ESRCH;
}

/* Wait until the writer has made room for one more event. The GIL is kept: nothing of the program
 * may run that would have to be recorded. */
static bool wait_for_room(uint64_t position)
{
    uint64_t since = 0;
    for (bool waited = false;; waited = true) {
        if (R.ring->stop) {
            return false;
        }
        R.tail_seen = __atomic_load_n(&R.ring->tail, __ATOMIC_ACQUIRE);
        R.room_until = R.tail_seen + R.capacity - R.capacity / 4 - SLACK;
        if (position <= R.room_until) {
            return true;
        }
        if (!waited) {
            __atomic_add_fetch(&R.ring->waits, 1, __ATOMIC_RELAXED);
        }
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        int64_t writer = __atomic_load_n(&R.ring->writer_pid, __ATOMIC_ACQUIRE);
        bool gone = writer == 0 || process_gone(writer);
        if (!gone) {
            since = 0;
        }
        else if (since == 0) {
            since = now;
        }
        else if (now - since > WRITER_PATIENCE_NS) {
            return false;
        }
        struct timespec pause = {0, 200000};
        own_call(SYS_nanosleep, &pause, NULL);
    }
}

/* Begin writing at the current head; false when recording has just stopped. */
static inline bool begin_write(void)
{
    if (UNLIKELY(R.head > R.room_until) && !wait_for_room(R.head)) {
        stop_recording(R.ring->stop ? GAP_STOPPED : GAP_WRITER_GONE);
        return false;
    }
    R.origin = R.cursor = R.data + (R.head & R.mask);
    R.limit = R.origin + R.capacity / 4;
    return true;
}

static void compare_with_recorded(void);
static void put_recorded_time(uint64_t now_ticks);

static inline void publish(void)
{
    if (UNLIKELY(R.verifying)) {
        compare_with_recorded();
    }
    R.head += (uint64_t)(R.cursor - R.origin);
    R.origin = R.cursor;
    __atomic_store_n(&R.ring->events, R.events, __ATOMIC_RELAXED);
    __atomic_store_n(&R.ring->calls, R.calls, __ATOMIC_RELAXED);
    __atomic_store_n(&R.ring->head, R.head, __ATOMIC_RELEASE);
}

static __attribute__((noinline)) void put_time_now(uint64_t now_ticks)
{
    if (UNLIKELY(R.verifying)) {
        put_recorded_time(now_ticks);
        return;
    }
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (UNLIKELY(now >= R.next_checkpoint)) {
        R.attention = true;
    }
    if (UNLIKELY(R.ring->stop)) {
        R.room_until = 0; /* seen at the next event */
    }
    R.last_ticks = now_ticks;
    put_byte(ST_TIME);
    put_unsigned(now - R.last_time);
    R.last_time = now;
}

static inline __attribute__((always_inline)) void put_time(void)
{
    uint64_t now_ticks = ticks();
    if (UNLIKELY(now_ticks - R.last_ticks > TIME_TICKS || (R.events & (TIME_EVENTS - 1)) == 0)) {
        put_time_now(now_ticks);
    }
}

/* ---- mapping ---- */

/* The next chunk's part of the ring, as long as it wasn't written to before: taken in at once, pages cost a third of what
 * they do one by one, where each is met. */
static void take_in_pages(void)
{
    enum { POPULATE_WRITE = 23 }; /* Linux 5.14; an error before that, and nothing is lost */
    uint64_t size = CHUNK_BYTES + SLACK;
    if (!R.copy && R.head + size < R.capacity) {
        own_call(SYS_madvise, R.data + (R.head & ~(uint64_t)0xffff), size, POPULATE_WRITE); /* whole pages, whatever their size */
    }
}

/* Map the ring file, its data twice in a row; pages are there already (the launcher made them). */
static int map_ring(const char *path)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd < 0) {
        return -1;
    }
    struct stat status;
    RingHeader *header = MAP_FAILED;
    uint8_t *area = MAP_FAILED;
    if (fstat(fd, &status) != 0 || status.st_size < RING_HEADER_SIZE) {
        goto failed;
    }
    header = mmap(NULL, RING_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (header == MAP_FAILED || header->magic != RING_MAGIC || header->format != STREAM_FORMAT ||
        header->header_size != RING_HEADER_SIZE || header->attached != 0) {
        goto failed;
    }
    uint64_t capacity = header->capacity;
    if (capacity < (1 << 20) || (capacity & (capacity - 1)) ||
        (uint64_t)status.st_size != capacity + RING_HEADER_SIZE) {
        goto failed;
    }
    area = mmap(NULL, 2 * capacity, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area == MAP_FAILED) {
        goto failed;
    }
    for (int half = 0; half < 2; half++) {
        if (mmap(area + half * capacity, capacity, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED, fd, RING_HEADER_SIZE) == MAP_FAILED) {
            goto failed;
        }
    }
    close(fd);
    R.ring = header;
    R.data = area;
    R.capacity = capacity;
    R.mask = capacity - 1;
    R.head = 0;
    R.tail_seen = 0;
    R.room_until = capacity - capacity / 4 - SLACK;
    return 0;
failed:
    if (header != MAP_FAILED) {
        munmap(header, RING_HEADER_SIZE);
    }
    if (area != MAP_FAILED) {
        munmap(area, 2 * capacity);
    }
    close(fd);
    errno = EINVAL;
    return -1;
}
