/* libc's functions that tell a program of what is outside: each does its system call, which in a copy is answered by effects.c. */
#include "recorder.h"
#include "checkpoint.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <termios.h>

/* Files are read again as they are then; what is read of them is noted, too, as the program may change them,
 * but for large ones. */
#define LARGEST_FILE_READ (64 * 1024)
#define MOST_FROM_FILES (16ULL << 20)

static bool notes_file(int fd, ssize_t got)
{
    if (got > LARGEST_FILE_READ || inputs.from_files > MOST_FROM_FILES || (fd < KNOWN_FDS && inputs.quiet[fd])) {
        return false;
    }
    inputs.from_files += got > 0 ? (uint64_t)got : 0;
    return true;
}

/* Whether what is typed is not to be seen: a password. */
static bool is_typed_unseen(int fd)
{
    struct termios now;
    return own_call(SYS_ioctl, fd, TCGETS, &now) == 0 && (now.c_lflag & ICANON) && !(now.c_lflag & ECHO);
}

static ssize_t note_read(ssize_t got, int fd, const void *bytes)
{
    if (noting_inputs() && passes_by(fd)) {
        InputHead head = {outcome(got), fd};
        uint32_t secret = redacting && is_typed_unseen(fd) ? INPUT_WITHHELD : 0;
        put_input((uint32_t)(INPUT_MARK + INPUT_READ) | secret, &head, bytes, got > 0 ? (size_t)got : 0);
    }
    return got;
}

static ssize_t noted_getrandom(void *buffer, size_t count, unsigned flags)
{
    ssize_t got = noted_call(SYS_getrandom, LONG(buffer), (long)count, flags, 0, 0, 0);
    if (noting_inputs()) {
        note_input(INPUT_RANDOM, outcome(got), 0, buffer, got > 0 ? (size_t)got : 0);
    }
    return got;
}

/* libc's other ways to random bytes: each would make a system call of its own. */
static int noted_getentropy(void *buffer, size_t count)
{
    if (count > 256) {
        errno = EIO;
        return -1;
    }
    for (size_t done = 0; done < count;) {
        ssize_t got = noted_getrandom((uint8_t *)buffer + done, count - done, 0);
        if (got <= 0 && errno != EINTR) {
            return -1;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static void noted_arc4random_buf(void *buffer, size_t count)
{
    for (size_t done = 0; done < count; done += 256) {
        if (noted_getentropy((uint8_t *)buffer + done, count - done < 256 ? count - done : 256) != 0) {
            abort(); /* as libc does: it can't fail */
        }
    }
}

static uint32_t noted_arc4random(void)
{
    uint32_t number;
    noted_arc4random_buf(&number, sizeof number);
    return number;
}

static int noted_ppoll(struct pollfd *states, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
    struct timespec left; /* the system call writes there */
    this_call(SYS_ppoll);
    if (limit != NULL) {
        left = *limit;
    }
    int ready = (int)waiting_call(SYS_ppoll, LONG(states), (long)count, limit != NULL ? LONG(&left) : 0, LONG(mask), 8, 0);
    if (noting_inputs()) {
        note_input(INPUT_POLL, outcome(ready), 0, states, count * sizeof *states);
    }
    return ready;
}

static int noted_poll(struct pollfd *states, nfds_t count, int milliseconds)
{
    struct timespec limit = {milliseconds / 1000, (milliseconds % 1000) * 1000000L};
    return noted_ppoll(states, count, milliseconds < 0 ? NULL : &limit, NULL);
}

static int noted_select(int count, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *limit)
{
    struct timespec time, *given = NULL;
    this_call(SYS_pselect6);
    if (limit != NULL) {
        time.tv_sec = limit->tv_sec + limit->tv_usec / 1000000;
        time.tv_nsec = limit->tv_usec % 1000000 * 1000;
        given = &time;
    }
    int ready = (int)waiting_call(SYS_pselect6, count, LONG(reads), LONG(writes), LONG(others), LONG(given), 0);
    if (limit != NULL && given->tv_sec >= 0) { /* what is left of it, as the system call would say */
        limit->tv_sec = time.tv_sec;
        limit->tv_usec = time.tv_nsec / 1000;
    }
    if (noting_inputs()) {
        uint8_t sets[3 * sizeof(fd_set)];
        size_t size = ((size_t)count + 63) / 64 * 8, used = 0;
        const fd_set *each[3] = {reads, writes, others};
        for (int i = 0; i < 3 && size <= sizeof(fd_set); i++) {
            if (each[i] != NULL) {
                memcpy(sets + used, each[i], size);
                used += size;
            }
        }
        note_input(INPUT_POLL, outcome(ready), 1, sets, used);
    }
    return ready;
}

static int noted_epoll_pwait(int fd, struct epoll_event *events, int most, int milliseconds, const sigset_t *mask)
{
    this_call(SYS_epoll_pwait);
    int ready = (int)waiting_call(SYS_epoll_pwait, fd, LONG(events), most, milliseconds, LONG(mask), 8);
    if (noting_inputs()) {
        note_input(INPUT_POLL, outcome(ready), 2, events, ready > 0 ? (size_t)ready * sizeof *events : 0);
    }
    return ready;
}

static int noted_epoll_wait(int fd, struct epoll_event *events, int most, int milliseconds)
{
    return noted_epoll_pwait(fd, events, most, milliseconds, NULL);
}

static pid_t noted_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    int own = 0;
    this_call(SYS_wait4);
    pid_t found = (pid_t)waiting_call(SYS_wait4, pid, LONG(&own), options, LONG(usage), 0, 0);
    if (status != NULL) {
        *status = own;
    }
    if (noting_inputs()) {
        uint8_t data[sizeof own + sizeof *usage];
        memcpy(data, &own, sizeof own);
        if (usage != NULL) {
            memcpy(data + sizeof own, usage, sizeof *usage);
        }
        bool unspawned = status == NULL && usage == NULL && found > 0 && own == 127 << 8; /* libc waits for it at once */
        note_input(INPUT_WAIT, outcome(found), unspawned ? UNSPAWNED : 0, data, usage != NULL ? sizeof data : sizeof own);
    }
    return found;
}

static int noted_waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
    this_call(SYS_waitid);
    int result = (int)waiting_call(SYS_waitid, (long)kind, (long)id, LONG(info), options, 0, 0);
    if (noting_inputs()) {
        bool unspawned = info == NULL && kind == P_PID && options == WEXITED && result == 0; /* as newer libcs wait for it */
        note_input(INPUT_WAIT, unspawned ? (int64_t)id : outcome(result), unspawned ? UNSPAWNED : 1, info, info != NULL ? sizeof *info : 0);
    }
    return result;
}

/* After fork(), in the program: who the child is, which libc doesn't tell. It is the youngest one. */
static void note_forked(void)
{
    static char path[64], text[4096];
    static long before;
    if (!noting_inputs()) {
        return;
    }
    memcpy(path, "/proc/self/task/", 16);
    memcpy(put_decimal(path + 16, (uint64_t)own_call(SYS_gettid)), "/children", 10);
    int fd = (int)own_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    long youngest = 0, got;
    bool in_number = false;
    while (fd >= 0 && (got = own_call(SYS_read, fd, text, sizeof text)) > 0) {
        for (long i = 0; i < got; i++) {
            bool digit = text[i] >= '0' && text[i] <= '9';
            youngest = !digit ? youngest : in_number ? youngest * 10 + (text[i] - '0') : text[i] - '0';
            in_number = digit;
        }
    }
    if (fd >= 0) {
        own_call(SYS_close, fd);
    }
    if (youngest == 0 || youngest == before) {
        stop_noting(); /* it is gone already, as nobody waits for it */
        return;
    }
    before = youngest;
    note_input(INPUT_FORK, youngest, STARTED, NULL, 0);
}

/* A child that shares this process's memory until it runs its program: only who it is has to be noted. */
#if defined(__x86_64__)
__attribute__((used)) static void tttui_note_child(long pid)
{
    if (noting_inputs()) {
        inputs.last_child = pid;
        note_input(INPUT_FORK, pid, STARTED, NULL, 0);
    }
}

__attribute__((used)) static void tttui_note_failure(long error) { errno = (int)error; }

extern long tttui_vfork(void) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".p2align 4\n"
        ".type tttui_vfork, @function\n"
        "tttui_vfork:\n"
        "    pop %rdi\n" /* the child returns first, over the same stack */
        "    mov $58, %eax\n"
        "    syscall\n"
        "    push %rdi\n"
        "    test %eax, %eax\n"
        "    jz 1f\n"
        "    push %rax\n"
        "    js 2f\n"
        "    movslq %eax, %rdi\n"
        "    call tttui_note_child\n"
        "    pop %rax\n"
        "1:  ret\n"
        "2:  movslq %eax, %rdi\n"
        "    neg %rdi\n"
        "    call tttui_note_failure\n"
        "    pop %rax\n"
        "    mov $-1, %eax\n"
        "    ret\n"
        ".size tttui_vfork, .-tttui_vfork\n");
#endif

static const struct Replaced replaced_of_inputs[] = {
    {"clock_gettime", (void *)noted_clock_gettime}, {"getrandom", (void *)noted_getrandom}, {"getentropy", (void *)noted_getentropy},
    {"arc4random", (void *)noted_arc4random}, {"arc4random_buf", (void *)noted_arc4random_buf}, {"poll", (void *)noted_poll},
    {"ppoll", (void *)noted_ppoll}, {"select", (void *)noted_select}, {"epoll_wait", (void *)noted_epoll_wait},
    {"epoll_pwait", (void *)noted_epoll_pwait},
    {"wait4", (void *)noted_wait4}, {"waitid", (void *)noted_waitid},
#if defined(__x86_64__)
    {"vfork", (void *)tttui_vfork},
#endif
};
