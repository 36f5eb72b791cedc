/* Standard output and error, whatever writes to them: print, os.write, C's stdio. All of it ends in
 * libc's write() and writev(), which are replaced in memory by functions that do the same system
 * call and then note what was written. Nothing stands between the program and its terminal. Output
 * of other processes that inherit the descriptors isn't seen. */
#include "recorder.h"

#include <limits.h>
#include <sys/uio.h>

static __thread bool noting_output;

static void copy_to_area(uint64_t position, const void *bytes, size_t count)
{
    uint8_t *area = (uint8_t *)R.ring + RING_OUTPUT;
    uint64_t offset = position & (RING_OUTPUT_SIZE - 1);
    size_t first = count < RING_OUTPUT_SIZE - offset ? count : RING_OUTPUT_SIZE - offset;
    memcpy(area + offset, bytes, first);
    memcpy(area, (const uint8_t *)bytes + first, count - first);
}

static bool wait_for_area(RingHeader *ring, size_t need)
{
    for (int rounds = 0; ring->output_head + need - __atomic_load_n(&ring->output_tail, __ATOMIC_ACQUIRE) > RING_OUTPUT_SIZE;
         rounds++) {
        int64_t writer = __atomic_load_n(&ring->writer_pid, __ATOMIC_ACQUIRE);
        if (ring->stop || (rounds > 5000 && (writer == 0 || process_gone(writer)))) {
            return false;
        }
        struct timespec pause = {0, 1000000};
        own_call(SYS_nanosleep, &pause, NULL);
    }
    return true;
}

/* May run without the GIL, in any thread, and in a signal handler. */
static void note_output(int descriptor, const char *bytes, size_t count)
{
    RingHeader *ring = R.ring;
    if (ring == NULL || !R.active || ring->attached != 1) {
        return;
    }
    if (noting_output) { /* a signal handler's own output, in the middle of this */
        __atomic_add_fetch(&ring->cut[CUT_OUTPUT], 1, __ATOMIC_RELAXED);
        return;
    }
    noting_output = true;
    while (__atomic_exchange_n(&ring->output_lock, 1, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
    while (count > 0) {
        size_t piece = count < 65536 ? count : 65536;
        size_t need = sizeof(RingOutput) + ((piece + 7) & ~(size_t)7);
        if (!wait_for_area(ring, need)) {
            __atomic_add_fetch(&ring->cut[CUT_OUTPUT], 1, __ATOMIC_RELAXED);
            break;
        }
        RingOutput record = {__atomic_load_n(&ring->events, __ATOMIC_ACQUIRE), (uint32_t)descriptor, (uint32_t)piece};
        copy_to_area(ring->output_head, &record, sizeof record);
        copy_to_area(ring->output_head + sizeof record, bytes, piece);
        __atomic_store_n(&ring->output_head, ring->output_head + need, __ATOMIC_RELEASE);
        bytes += piece;
        count -= piece;
    }
    __atomic_store_n(&ring->output_lock, 0, __ATOMIC_RELEASE);
    noting_output = false;
}

/* What a write gives when it isn't all that was to be written: files.c. */
static bool write_was_other(int fd, size_t count, ssize_t *written);
static void note_other_write(int fd, size_t count, ssize_t written);

static ssize_t noted_write(int descriptor, const void *bytes, size_t count)
{
    ssize_t written;
    if (UNLIKELY(R.copy) && write_was_other(descriptor, count, &written)) {
        return written;
    }
    written = overlooked_before_writing(descriptor) ? -1 : syscall(SYS_write, descriptor, bytes, count);
    if (UNLIKELY(written != (ssize_t)count)) {
        note_other_write(descriptor, count, written);
    }
    if (UNLIKELY((descriptor == 1 || descriptor == 2) && written > 0)) {
        int kept = errno;
        note_output(descriptor, bytes, (size_t)written);
        errno = kept;
    }
    return written;
}

static ssize_t noted_writev(int descriptor, const struct iovec *pieces, int count)
{
    ssize_t written = syscall(SYS_writev, descriptor, pieces, count);
    if (UNLIKELY((descriptor == 1 || descriptor == 2) && written > 0)) {
        int kept = errno;
        size_t left = (size_t)written;
        for (int i = 0; i < count && left > 0; i++) {
            size_t piece = pieces[i].iov_len < left ? pieces[i].iov_len : left;
            note_output(descriptor, pieces[i].iov_base, piece);
            left -= piece;
        }
        errno = kept;
    }
    return written;
}

/* Where this isn't possible (a hardened system) the recording has no output, and says so. */
static void watch_output(void)
{
    static bool watched, done;
    if (!done) {
        done = true;
        void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
        if (libc != NULL) {
            watched = replace_function(libc, "write", (void *)noted_write) &&
                      replace_function(libc, "writev", (void *)noted_writev);
            dlclose(libc);
        }
    }
    R.ring->output_seen = watched;
}
