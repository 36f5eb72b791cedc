/* What a copy of the program does first: lets go of all that it shares with the program, so that the
 * program and its peers never feel it. System calls only: no allocation, no Python, no at-fork hooks,
 * which it would share with nobody but leave in a state that the program never had. */
#include "recorder.h"
#include "checkpoint.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Where a copy maps what only it has: far from all that the program maps or will map, so that the
 * program's own addresses come out as they did. One behind the other: where a wish for an address can't
 * be met the kernel takes a gap of the program's. */
#define OWN_MAPPINGS 0x200000000000ULL
#define OWN_MAPPING_ROUND (1ULL << 21)
static uintptr_t own_mappings_used;

/* What a descriptor of a copy is: a file of the program, opened anew; something harmless; something
 * that is the program's alone (/dev/null stands in its place); made in this copy; a new socket; a terminal
 * (/dev/null stands in its place, too); what it would be in the program, its effects being let out. */
enum { FD_UNKNOWN, FD_FILE, FD_DEVICE, FD_GONE, FD_OWN, FD_SOCKET, FD_TERMINAL, FD_REAL };
#define KNOWN_FDS 4096

static struct {
    char socket[108];
    uint64_t least_ns;            /* of processor time between two: what running forward takes  */
    uint64_t last;                /* when the last one was made,                                */
    uint64_t used;                /* the processor time of the program then,                    */
    uint64_t last_look;           /* and one that can only be looked at                         */
    uint64_t began;               /* processor time of the thread then                          */
    uint64_t fork_ns;             /* what it took of that                                       */
    uint64_t spent_ns;            /* what all before it cost the program,                       */
    uint64_t apart_ns;            /* and those at exceptions and behind threads                 */
    uint64_t threads_made;        /* by Python until then, when it had one,                     */
    long threads_alone;           /* and all that there were                                    */
    uint64_t ending;              /* since when others end; 0: none does                        */
    long faults;                  /* of the program, when it was made                           */
    uint64_t resident;            /* bytes of memory that it had then,                          */
    uint64_t own;                 /* and of those that the copy shares with it                  */
    long threads;                 /* that it had then                                           */
} policy;

static struct {
    int control;                    /* the socket to whoever keeps this copy                    */
    int parent;                     /* of the program                                           */
    pid_t program, thread;          /* and the thread that made the copy                        */
    int group, session;             /* of the program: the copy has its own                     */
    uint8_t attributes[64];         /* of its terminal, as the kernel has them; all 0: none     */
    uint8_t fds[KNOWN_FDS];         /* what the program's descriptors were: FD_*                */
    uint16_t opened[KNOWN_FDS];     /* how they were opened: flags of open(); or WAS_SOCKET     */
    off_t sizes[KNOWN_FDS];         /* of files, when the program was copied                    */
    int spared[3];                  /* descriptors + 1 that are kept for a moment               */
    char remarks[512];              /* lines for whoever looks                                  */
    uint32_t flags;                 /* of SAYS_HELLO                                            */
    uint64_t inputs;
    uint64_t mask;                  /* the program's signal mask                                */
} copied = {.control = -1};

/* Of a program that is run again (again.c). */
static struct {
    char socket[108];               /* where the recording comes from; empty: it is not         */
    pid_t program;                  /* what the program's process id was, and the others        */
    pid_t parent, group, session;
    bool running;                   /* this is that process, not a copy of it                   */
    bool unnoted;                   /* no inputs were noted: times and random bytes are new ones */
    uint64_t more_at;               /* position in the stream from which on more of it is wanted */
    const uint8_t *inputs;          /* all of them, as they are mapped                          */
    size_t inputs_length;
} again;

#define WAS_SOCKET 0xffff

static bool is_spared(int fd) { return fd + 1 == copied.spared[0] || fd + 1 == copied.spared[1] || fd + 1 == copied.spared[2]; }

static inline long call_clone(void) { return own_call(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0); }

static void set_mask(const uint64_t *mask) { own_call(SYS_rt_sigprocmask, SIG_SETMASK, mask, NULL, sizeof *mask); }

static void block_all(uint64_t *before)
{
    uint64_t all = ~0ULL;
    own_call(SYS_rt_sigprocmask, SIG_SETMASK, &all, before, sizeof all);
}

static _Noreturn void leave_copy(int status)
{
    for (;;) {
        own_call(SYS_exit_group, (long)status);
    }
}

static void remark(const char *text)
{
    size_t used = strlen(copied.remarks), room = sizeof copied.remarks - used;
    if (strstr(copied.remarks, text) == NULL && strlen(text) + 2 < room) {
        memcpy(copied.remarks + used, text, strlen(text));
        memcpy(copied.remarks + used + strlen(text), "\n", 2);
    }
}

static char *put_decimal(char *to, uint64_t number)
{
    char digits[24];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    while (count > 0) {
        *to++ = digits[--count];
    }
    *to = 0;
    return to;
}

static const char *fd_path(int fd)
{
    static char path[48];
    memcpy(path, "/proc/self/fd/", 14);
    put_decimal(path + 14, (uint64_t)fd);
    return path;
}

/* Put `from` in the place of `fd`, which keeps its flag for exec. */
static void replace_fd(int from, int fd)
{
    int flags = (int)own_call(SYS_fcntl, fd, F_GETFD, 0L);
    own_call(SYS_dup3, from, fd, flags > 0 && (flags & FD_CLOEXEC) ? O_CLOEXEC : 0);
}

/* A descriptor that the program can't come across: it gets the lowest free numbers. */
static int move_away(int fd)
{
    for (int floor = 1 << 16; fd >= 0 && floor >= 64; floor /= 2) {
        int moved = (int)own_call(SYS_fcntl, fd, F_DUPFD_CLOEXEC, (long)floor);
        if (moved >= 0) {
            own_call(SYS_close, fd);
            return moved;
        }
    }
    return fd;
}

/* Where the program's files stood when it was copied: it goes on while the copy looks after itself. */
static int64_t offsets_kept[KNOWN_FDS];

/* A description of our own of the same file, at the same offset. */
static bool reopen(int fd, bool first)
{
    int flags = (int)own_call(SYS_fcntl, fd, F_GETFL, 0L);
    if (flags < 0 || (flags & O_PATH)) {
        return flags >= 0;
    }
    off_t offset = first && fd < KNOWN_FDS ? offsets_kept[fd] : (off_t)own_call(SYS_lseek, fd, 0L, SEEK_CUR);
    long kept = flags & (O_NONBLOCK | O_NOATIME);
    int own = (int)own_call(SYS_openat, AT_FDCWD, fd_path(fd), O_RDONLY | O_CLOEXEC | kept, 0L);
    if (own < 0) {
        own = (int)own_call(SYS_openat, AT_FDCWD, fd_path(fd), O_RDONLY | O_CLOEXEC, 0L);
    }
    if (own < 0) {
        return false;
    }
    if (offset >= 0) {
        own_call(SYS_lseek, own, offset, SEEK_SET);
    }
    if (fd < KNOWN_FDS && copied.fds[fd] == FD_UNKNOWN) {
        copied.fds[fd] = FD_FILE;
        copied.opened[fd] = (uint16_t)(flags & (O_ACCMODE | O_APPEND));
    }
    replace_fd(own, fd);
    own_call(SYS_close, own);
    return true;
}

static bool is_held_file(int fd);
static bool take_own(int fd);
static bool take_own_files(void);

/* Of the kernel's struct termios2, which begins with its struct termios: for what libc does from 2.42 on. */
#define TCGETS2_ 0x802c542aL
#define TCSETS2_ 0x402c542bL /* and the two numbers behind it                                     */

static void let_go_of(int fd, int null, bool first)
{
    struct stat status;
    if (own_call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) != 0) {
        return;
    }
    uint8_t kind = FD_GONE;
    switch (status.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
        if (fd < KNOWN_FDS && copied.fds[fd] == FD_OWN ? take_own(fd) : reopen(fd, first)) {
            return;
        }
        break;
    case S_IFSOCK:
        if (fd < KNOWN_FDS) {
            copied.opened[fd] = WAS_SOCKET;
        }
        break;
    case S_IFCHR:
        if (major(status.st_rdev) == 1) { /* null, zero, full, random ... */
            kind = FD_DEVICE;
        }
        else if (major(status.st_rdev) == 195) {
            copied.flags |= LOOK_ONLY;
            remark("it uses a GPU, whose state is not copied");
        }
        else if (first && (own_call(SYS_ioctl, fd, TCGETS2_, copied.attributes) == 0 || own_call(SYS_ioctl, fd, TCGETS, copied.attributes) == 0)) {
            kind = FD_TERMINAL;
        }
        break;
    }
    if (fd < KNOWN_FDS && (copied.fds[fd] == FD_UNKNOWN || kind == FD_GONE)) {
        copied.fds[fd] = kind;
    }
    if (kind == FD_GONE || kind == FD_TERMINAL) {
        replace_fd(null, fd);
    }
}

/* The open descriptors, one after the other: -1 when there are no more, -2 where they can't be told. */
typedef struct {
    int directory;
    long at, got;
    char buffer[8192] __attribute__((aligned(8)));
} Descriptors;

static int next_descriptor(Descriptors *all)
{
    struct entry {
        uint64_t inode;
        int64_t offset;
        uint16_t length;
        uint8_t type;
        char name[];
    };
    for (;;) {
        if (all->at >= all->got) {
            all->at = 0;
            all->got = own_call(SYS_getdents64, all->directory, all->buffer, sizeof all->buffer);
            if (all->got <= 0) {
                return all->got == 0 ? -1 : -2;
            }
        }
        struct entry *entry = (struct entry *)(all->buffer + all->at);
        all->at += entry->length;
        int fd = 0;
        for (const char *digit = entry->name; *digit; digit++) {
            fd = *digit >= '0' && *digit <= '9' && fd < 100000000 ? fd * 10 + (*digit - '0') : -1000000000;
        }
        if (fd >= 0 && fd != all->directory) {
            return fd;
        }
    }
}

static bool open_descriptors(Descriptors *all)
{
    all->at = all->got = 0;
    all->directory = (int)own_call(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return all->directory >= 0;
}

/* In the program, before it is copied; gives whether it has more open than its standard streams. */
static bool keep_offsets(void)
{
    static Descriptors all;
    bool more = true;
    if (open_descriptors(&all)) {
        more = false;
        for (int fd; (fd = next_descriptor(&all)) >= 0;) {
            if (fd < KNOWN_FDS) {
                struct stat status;
                offsets_kept[fd] = own_call(SYS_lseek, fd, 0, SEEK_CUR);
                copied.sizes[fd] = own_call(SYS_fstat, fd, &status) == 0 ? status.st_size : 0;
            }
            more |= fd > STDERR_FILENO;
        }
        own_call(SYS_close, all.directory);
    }
    return more;
}

/* All descriptors of the program: files get an offset of our own, everything else is nobody's any more. */
static bool let_go_of_descriptors(bool first)
{
    static Descriptors all;
    int null = move_away((int)own_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0));
    if (null < 0 || !open_descriptors(&all)) {
        return false;
    }
    all.directory = move_away(all.directory);
    int fd;
    while ((fd = next_descriptor(&all)) >= 0) {
        if (fd != null && fd != copied.control && !is_spared(fd) && !is_held_file(fd)) {
            let_go_of(fd, null, first);
        }
    }
    own_call(SYS_close, all.directory);
    own_call(SYS_close, null);
    return fd == -1;
}

/* Readable and writable memory at, or near, an address; NULL where there is none. */
static void *own_map(uintptr_t at, size_t size, int flags, int fd)
{
    long mapped = own_call(SYS_mmap, at, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    return mapped < 0 && mapped > -4096 ? NULL : (void *)mapped;
}

typedef struct {
    uint64_t from, to;
    int protection;
    uint64_t offset, inode; /* of the file of which it is a part                                */
    bool held;              /* a copy's file in memory                                          */
    uint8_t *kept;          /* what it was when the copy was made                               */
} Mapping;

static void take_own_memory(const Mapping *mapping);

/* Memory of its own, out of the program's way; NULL where there is no room. */
static void *map_apart(size_t size, int protection, int flags, int fd)
{
    uintptr_t at = OWN_MAPPINGS + own_mappings_used;
    own_mappings_used += (size + 2 * OWN_MAPPING_ROUND - 1) & ~(uintptr_t)(OWN_MAPPING_ROUND - 1); /* a gap behind it */
    long mapped = own_call(SYS_mmap, at, size, protection, flags, fd, 0);
    return mapped < 0 && mapped > -4096 ? NULL : (void *)mapped;
}

/* A private copy of memory, elsewhere; NULL where there is no room. */
static uint8_t *read_apart(uint64_t from, uint64_t to)
{
    size_t size = to - from;
    uint8_t *copy = map_apart(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    if (copy == NULL) {
        return NULL;
    }
    /* read through the kernel: a mapping may reach behind the end of its file */
    int memory = (int)own_call(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDONLY | O_CLOEXEC, 0L);
    for (size_t done = 0; memory >= 0 && done < size;) {
        long got = own_call(SYS_pread64, memory, copy + done, size - done, from + done);
        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    own_call(SYS_close, memory);
    return copy;
}

static void put_in_place(uint8_t *copy, uint64_t from, uint64_t to, int protection)
{
    own_call(SYS_mremap, copy, to - from, to - from, MREMAP_MAYMOVE | MREMAP_FIXED, from);
    own_call(SYS_mprotect, from, to - from, protection);
}

/* Memory that other processes see, too, becomes a private copy of what it is now. */
#define LARGEST_SHARED (256ULL << 20)

static void make_private(uint64_t from, uint64_t to, int protection)
{
    size_t size = to - from;
    if (!(protection & PROT_READ) || size > LARGEST_SHARED) {
        copied.flags |= LOOK_ONLY;
        remark("it shares memory with others that is too large to copy");
        return;
    }
    uint8_t *copy = read_apart(from, to);
    if (copy != NULL) {
        put_in_place(copy, from, to, protection);
    }
}

static uint64_t read_hex(const char **at)
{
    uint64_t value = 0;
    for (;; (*at)++) {
        char c = **at;
        if (c >= '0' && c <= '9') {
            value = value * 16 + (uint64_t)(c - '0');
        }
        else if (c >= 'a' && c <= 'f') {
            value = value * 16 + (uint64_t)(c - 'a' + 10);
        }
        else {
            return value;
        }
    }
}

#define HELD_BACK "/memfd:held back"

enum { MOST_SHARED = 256 };

/* Where memory that other processes see is mapped; gives how many there are. `gpu`: whether one is in use. */
static int find_shared(Mapping *found, bool *gpu)
{
    static char buffer[65536];
    int count = 0;
    size_t left = 0;
    int maps = (int)own_call(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0L);
    long got;
    while (maps >= 0 && (got = own_call(SYS_read, maps, buffer + left, sizeof buffer - 1 - left)) > 0) {
        left += (size_t)got;
        buffer[left] = 0;
        char *line = buffer, *end;
        while ((end = strchr(line, '\n')) != NULL) {
            const char *at = line;
            uint64_t from = read_hex(&at), to = (at++, read_hex(&at));
            /* " rwxs offset device:device inode   path" */
            const char *held = strstr(at, HELD_BACK);
            bool is_held = held != NULL && held < end;
            if (at[0] == ' ' && (at[2] == 'w' || is_held) && at[4] == 's' && count < MOST_SHARED) {
                int protection = (at[1] == 'r' ? PROT_READ : 0) | (at[2] == 'w' ? PROT_WRITE : 0) | (at[3] == 'x' ? PROT_EXEC : 0);
                const char *part = at + 6;
                uint64_t offset = read_hex(&part);
                part = strchr(part + 1, ' ');
                found[count++] = (Mapping){from, to, protection, offset, part != NULL ? strtoull(part, NULL, 10) : 0, is_held, NULL};
            }
            *gpu |= strstr(at, "/dev/nvidia") != NULL && strstr(at, "/dev/nvidia") < end;
            line = end + 1;
        }
        left = (size_t)(buffer + left - line);
        memmove(buffer, line, left);
    }
    if (maps >= 0) {
        own_call(SYS_close, maps);
    }
    return count;
}

/* In the program, right before it is copied: it may write to what it shares before the copy gets to that. */
#define KEPT_SHARED (32ULL << 20) /* bytes; copying more would hold it up */
static Mapping kept_shared[MOST_SHARED];
static int kept_count;

static bool is_in_ring(uint64_t at)
{
    uint64_t header = (uint64_t)(uintptr_t)R.ring, data = (uint64_t)(uintptr_t)R.data;
    return (at >= header && at < header + RING_HEADER_SIZE) || (at >= data && at < data + 2 * R.capacity);
}

static void keep_shared_memory(void)
{
    bool gpu = false;
    int count = find_shared(kept_shared, &gpu);
    uint64_t all = 0;
    kept_count = 0;
    for (int i = 0; i < count; i++) {
        if (!kept_shared[i].held && !is_in_ring(kept_shared[i].from)) {
            all += kept_shared[i].to - kept_shared[i].from;
            kept_shared[kept_count++] = kept_shared[i];
        }
    }
    for (int i = 0; i < kept_count && all <= KEPT_SHARED; i++) {
        if (kept_shared[i].protection & PROT_READ) {
            kept_shared[i].kept = read_apart(kept_shared[i].from, kept_shared[i].to);
        }
    }
}

/* Behind that, in the program. */
static void forget_shared_memory(void)
{
    for (int i = 0; i < kept_count; i++) {
        if (kept_shared[i].kept != NULL) {
            own_call(SYS_munmap, kept_shared[i].kept, kept_shared[i].to - kept_shared[i].from);
        }
    }
    kept_count = 0;
}

/* Whether the copy finds all that the program shares with others copied already. */
static bool all_is_kept(void)
{
    for (int i = 0; i < kept_count; i++) {
        if (kept_shared[i].kept == NULL) {
            return false;
        }
    }
    return true;
}

static void unshare_memory(void)
{
    static Mapping found[MOST_SHARED];
    bool gpu = false, late = false;
    int count = find_shared(found, &gpu);
    if (gpu) {
        copied.flags |= LOOK_ONLY;
        remark("it uses a GPU, whose state is not copied");
    }
    for (int i = 0; i < count; i++) {
        if (found[i].held) {
            take_own_memory(&found[i]);
            continue;
        }
        if (is_in_ring(found[i].from)) {
            continue;
        }
        uint8_t *kept = NULL;
        for (int other = 0; other < kept_count && kept == NULL; other++) {
            bool same = kept_shared[other].from == found[i].from && kept_shared[other].to == found[i].to;
            kept = same ? kept_shared[other].kept : NULL;
        }
        if (kept != NULL) {
            put_in_place(kept, found[i].from, found[i].to, found[i].protection);
        }
        else {
            make_private(found[i].from, found[i].to, found[i].protection);
            late |= kept_count > 0;
        }
    }
    if (late) {
        remark("memory that it shares with others may be as it was an instant later");
    }
    kept_count = 0;
}

/* The ring is the program's: a copy writes into memory of its own at the same addresses. */
static RingHeader header_kept; /* as it was when the copy was made */

static bool leave_ring(void)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
    if (own_map((uintptr_t)R.ring, RING_HEADER_SIZE, flags, -1) == NULL ||
        own_map((uintptr_t)R.data, 2 * R.capacity, flags, -1) == NULL) {
        return false;
    }
    memcpy(R.ring, &header_kept, sizeof header_kept);
    R.ring->stop = 0;
    R.ring->attached = 2; /* output is not noted here */
    R.room_until = UINT64_MAX;
    R.mask = 0;           /* always the same memory: nobody reads what was written */
    R.next_checkpoint = UINT64_MAX;
    return true;
}

static bool write_file(const char *path, const char *text)
{
    int fd = (int)own_call(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0L);
    bool written = fd >= 0 && own_call(SYS_write, fd, text, strlen(text)) > 0;
    if (fd >= 0) {
        own_call(SYS_close, fd);
    }
    return written;
}

/* Ends with whoever keeps it: the process that started the program. */
static void end_with_parent(void)
{
    own_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (own_call(SYS_getppid) != copied.parent) {
        leave_copy(1);
    }
}

static bool report_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    copied.control = move_away((int)own_call(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0L));
    return copied.control >= 0 && own_call(SYS_connect, copied.control, &address, sizeof address) == 0;
}

/* What the copy shares with the program is felt as long as both have it: a port can't be bound again, a file that was written
 * not be executed, a lock not be had. So the program waits for it, a millisecond mostly. */
#define LETTING_GO_NS 1000000000ULL /* at most                                                     */

/* In the copy: from here on it isn't felt. */
static void let_program_go_on(void)
{
    __atomic_store_n(&R.ring->copy_let_go, (uint32_t)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000 + 1), __ATOMIC_RELEASE);
    own_call(SYS_futex, &R.ring->copy_let_go, FUTEX_WAKE, 1, NULL);
}

static _Noreturn void leave_program(void)
{
#ifdef SYS_close_range
    own_call(SYS_close_range, 0, UINT32_MAX, 0);
#endif
    let_program_go_on();
    leave_copy(1);
}

/* In the program: gives what it took of the processor's time. */
static uint64_t wait_for_copy(long pid)
{
    uint64_t until = clock_ns(CLOCK_MONOTONIC) + LETTING_GO_NS;
    struct timespec moment = {0, 5000000};
    uint32_t let_go;
    while ((let_go = __atomic_load_n(&R.ring->copy_let_go, __ATOMIC_ACQUIRE)) == 0) {
        if (own_call(SYS_kill, pid, 0) != 0 || clock_ns(CLOCK_MONOTONIC) > until) {
            return 0; /* it has been killed, or stopped */
        }
        own_call(SYS_futex, &R.ring->copy_let_go, FUTEX_WAIT, 0, &moment);
    }
    return (let_go - 1) * 1000ULL;
}

/* In the copy of the program, its signals blocked. */
static void become_copy(const char *socket_path)
{
    R.copy = true;
    end_with_parent();
    copied.group = (int)own_call(SYS_getpgid, 0);
    copied.session = (int)own_call(SYS_getsid, 0);
    own_call(SYS_setsid);
    if (!let_go_of_descriptors(true)) {
        leave_program();
    }
    if (all_is_kept()) {
        unshare_memory();
        let_program_go_on();
    }
    else {
        let_program_go_on();
        unshare_memory();
    }
    if (!leave_ring()) {
        leave_copy(1);
    }
    write_file("/proc/self/oom_score_adj", "1000");
    own_call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!report_to(socket_path)) {
        leave_copy(1);
    }
}

/* In the copy of a copy: what it must not share with that one. */
static void become_copy_of_copy(int control)
{
    end_with_parent();
    int old = copied.control;
    copied.control = control;
    own_call(SYS_close, old);
    if (!let_go_of_descriptors(false) || !take_own_files()) {
        leave_copy(1);
    }
}

/* ---- what it says ---- */

static bool send_message(uint32_t kind, uint32_t flags, const uint64_t numbers[4], const void *text, size_t length)
{
    Message message = {kind, flags, own_call(SYS_getpid), R.events - 1, 0, 0, 0, 0};
    if (numbers != NULL) {
        message.a = numbers[0];
        message.b = numbers[1];
        message.c = numbers[2];
        message.d = numbers[3];
    }
    struct iovec pieces[2] = {{&message, sizeof message}, {(void *)text, length < MESSAGE_TEXT ? length : MESSAGE_TEXT}};
    struct msghdr header = {.msg_iov = pieces, .msg_iovlen = 2};
    return own_call(SYS_sendmsg, copied.control, &header, MSG_NOSIGNAL) > 0;
}

static bool say(uint32_t kind, const char *text) { return send_message(kind, 0, NULL, text, strlen(text)); }

#define NO_SECCOMP "what it does can't be held back: this system has no seccomp"

/* This copy can't do what it was asked to: say why, and end. */
static _Noreturn void give_up(const char *why)
{
    say(SAYS_HELD, why);
    leave_copy(1);
}
