/* Loaded before libc in the processes of a recording (LD_PRELOAD): calls that write to the recording's files fail when
 * a test wants them to. The test and all processes share a file, $FAULTS, with the numbers below.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    _Atomic uint64_t calls;  /* counted so far, in all processes together      */
    _Atomic uint64_t failed; /* of them                                        */
    uint64_t first, last;    /* those that fail: first <= number < last        */
    uint64_t error;          /* with this errno; 0: a write writes half of it  */
    char in[64];             /* in processes with this in their command line   */
    char name[64];           /* files with a name that begins like this        */
} Faults;

static Faults *faults;
static unsigned char watched[1024]; /* by descriptor */

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FAULTS");
    static char command[16384];
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) {
        return;
    }
    Faults *found = mmap(NULL, sizeof(Faults), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, command, sizeof command - 1);
    close(file);
    if (found != MAP_FAILED && length > 0 && memmem(command, (size_t)length, found->in, strlen(found->in))) {
        faults = found;
    }
}

static int note(int descriptor, const char *path)
{
    if (descriptor >= 0 && descriptor < (int)sizeof watched) {
        const char *name = strrchr(path, '/');
        watched[descriptor] = faults && strncmp(name ? name + 1 : path, faults->name, strlen(faults->name)) == 0;
    }
    return descriptor;
}

/* Whether this call on a descriptor is one that fails. */
static int fails(int descriptor)
{
    if (!faults || descriptor < 0 || descriptor >= (int)sizeof watched || !watched[descriptor]) {
        return 0;
    }
    uint64_t number = atomic_fetch_add(&faults->calls, 1);
    if (number < faults->first || number >= faults->last) {
        return 0;
    }
    atomic_fetch_add(&faults->failed, 1);
    errno = (int)faults->error;
    return 1;
}

int close(int descriptor)
{
    if (descriptor >= 0 && descriptor < (int)sizeof watched) {
        watched[descriptor] = 0;
    }
    return ((__typeof__(&close))dlsym(RTLD_NEXT, "close"))(descriptor);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;                                              \
        va_end(more);                                                                                                  \
        return note(REAL(name)(path, flags, mode), path);                                                              \
    }
OPEN(open)
OPEN(open64)

#define WRITE(name, parameters, ...)                                                                                   \
    ssize_t name parameters                                                                                            \
    {                                                                                                                  \
        if (fails(descriptor)) {                                                                                       \
            if (faults->error) {                                                                                       \
                return -1;                                                                                             \
            }                                                                                                          \
            size = (size + 1) / 2;                                                                                     \
        }                                                                                                              \
        return REAL(name)(__VA_ARGS__);                                                                                \
    }
WRITE(write, (int descriptor, const void *bytes, size_t size), descriptor, bytes, size)
WRITE(pwrite, (int descriptor, const void *bytes, size_t size, off_t at), descriptor, bytes, size, at)
WRITE(pwrite64, (int descriptor, const void *bytes, size_t size, off64_t at), descriptor, bytes, size, at)

#define OTHER(name, parameters, ...)                                                                                   \
    int name parameters                                                                                                \
    {                                                                                                                  \
        return fails(descriptor) && faults->error ? -1 : REAL(name)(__VA_ARGS__);                                      \
    }
OTHER(fsync, (int descriptor), descriptor)
OTHER(fdatasync, (int descriptor), descriptor)
OTHER(ftruncate, (int descriptor, off_t size), descriptor, size)
OTHER(ftruncate64, (int descriptor, off64_t size), descriptor, size)
OTHER(fallocate, (int descriptor, int mode, off_t at, off_t size), descriptor, mode, at, size)
OTHER(fallocate64, (int descriptor, int mode, off64_t at, off64_t size), descriptor, mode, at, size)
