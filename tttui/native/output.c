/* Standard output and error, whatever writes to them: print, os.write, C's stdio. All of it ends in
 * libc's write() and writev(), which are replaced in memory by functions that do the same system
 * call and then note what was written. Nothing stands between the program and its terminal. Output
 * of other processes that inherit the descriptors isn't seen. */
#include "recorder.h"

#include <dlfcn.h>
#include <elf.h>
#include <limits.h>
#include <link.h>
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

/* Bytes of a function, with the padding behind it up to where the next one may begin. */
static size_t room_of_function(const uint8_t *at, size_t size)
{
    static const uint8_t padding[] = {0x66, 0x0f, 0x2e, 0x90, 0xcc}; /* how a nop, or a trap, begins */
    size_t aligned = (size + 15) & ~(size_t)15;
    bool padded = ((uintptr_t)at & 15) == 0 && size > 0 && memchr(padding, at[size], sizeof padding) != NULL;
    return padded ? aligned : size;
}

/* Put a jump to `target` at the start of a function of `size` bytes, which lies in a mapping; NULL: of any extent. */
static bool put_jump(uint8_t *at, size_t size, void *target, const uint8_t *mapping, size_t mapped)
{
#if defined(__x86_64__)
    uint8_t jump[14] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp *0(%rip) */
    memcpy(jump + 6, &target, 8);
#elif defined(__aarch64__)
    uint8_t jump[16] = {0x50, 0, 0, 0x58, 0, 2, 0x1f, 0xd6}; /* ldr x16, 8; br x16 */
    memcpy(jump + 8, &target, 8);
#else
    uint8_t jump[1];
    return false;
#endif
    if (size < sizeof jump) {
        return false;
    }
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)at & ~(page - 1), to = ((uintptr_t)at + sizeof jump + page - 1) & ~(page - 1);
    if (mapping != NULL) { /* the kernel's own can be changed as a whole alone */
        from = (uintptr_t)mapping;
        to = from + ((mapped + page - 1) & ~(page - 1));
    }
    if (mprotect((void *)from, to - from, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) {
        return false;
    }
    memcpy(at, jump, sizeof jump);
    __builtin___clear_cache((char *)at, (char *)at + sizeof jump);
    mprotect((void *)from, to - from, PROT_READ | PROT_EXEC);
    return true;
}

/* The same of a function of libc. */
static bool replace_function(void *libc, const char *name, void *target)
{
    uint8_t *at = dlsym(libc, name);
    Dl_info info;
    ElfW(Sym) *symbol = NULL;
    return at != NULL && dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0 && symbol != NULL &&
           ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && put_jump(at, room_of_function(at, symbol->st_size), target, NULL, 0);
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
