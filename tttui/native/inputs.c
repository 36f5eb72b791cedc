/* What the program gets to know from outside: times, random bytes, what it reads from pipes, sockets and
 * the terminal, what it waits for. In the program that is noted beside the stream; a copy that runs
 * forward gets the same again, in the same order. As with output it is libc's functions that are
 * replaced in memory. Only the main thread's are: a copy has no other. Files that can be read again
 * are not noted. */
#include "recorder.h"
#include "checkpoint.h"

#include <poll.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>

/* RingOutput.descriptor of an input is INPUT_MARK + one of these; InputHead and data follow. */
enum {
    INPUT_CLOCK = 1,   /* no InputHead, as there are many; the clock is in the upper half of the
                        * descriptor; data: ns                                                  */
    INPUT_RANDOM = 2,  /* data: the bytes                                                       */
    INPUT_READ = 3,    /* which: descriptor; data: the bytes                                    */
    INPUT_POLL = 4,    /* data: the array or the sets, as they came back                        */
    INPUT_WAIT = 5,    /* data: status, then struct rusage or siginfo_t where asked for         */
    INPUT_FORK = 6,    /* result: the child                                                     */
    INPUT_SOCKET = 7,  /* which: descriptor; data: an address, or what was asked for            */
    INPUT_LIVE = 15,   /* the user had it carried out in the program, which had stopped: result: the
                        * frame, which: length of inside.py's source; data: that, then the text */
};
#define MOST_INPUTS (64ULL << 20) /* bytes of a run                                             */

typedef struct {
    int64_t result;    /* or -errno                                                             */
    int64_t which;
} InputHead;

static struct {
    bool noting;
    bool watched;
    pthread_t thread;
    uint64_t bytes;
    uint64_t waited;         /* ns, for room                                                    */
    /* in a copy */
    const uint8_t *at, *end;
    const uint8_t *next[16]; /* in another universe: of each kind                               */
    bool another;            /* it goes another way than was recorded                           */
} inputs;

static bool noting_inputs(void)
{
    return inputs.noting && R.active && !R.copy && pthread_equal(pthread_self(), inputs.thread) && R.ring != NULL;
}

/* Noting inputs must not hold the program up: after waiting a fiftieth of its time for room, and this much
 * in advance, no more are noted until the next copy is made, which needs none of those before it. */
#define WAIT_SHARE 50
#define WAIT_IN_ADVANCE 10000000ULL

static bool room_for_input(const RingHeader *ring, size_t need)
{
    while (ring->output_head + need - __atomic_load_n(&ring->output_tail, __ATOMIC_ACQUIRE) > RING_OUTPUT_SIZE) {
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        if (ring->stop || inputs.waited > (now - ring->start_clock) / WAIT_SHARE + WAIT_IN_ADVANCE) {
            return false;
        }
        struct timespec pause = {0, 500000};
        own_call(SYS_nanosleep, &pause, NULL);
        inputs.waited += clock_ns(CLOCK_MONOTONIC) - now;
    }
    return true;
}

static void put_input(uint32_t descriptor, const InputHead *head, const void *data, size_t length)
{
    RingHeader *ring = R.ring;
    if (length > RING_OUTPUT_SIZE / 4 || inputs.bytes > MOST_INPUTS || noting_output) {
        inputs.noting = false;
        return;
    }
    int kept = errno;
    noting_output = true;
    while (__atomic_exchange_n(&ring->output_lock, 1, __ATOMIC_ACQUIRE)) {
        sched_yield();
    }
    size_t front = head != NULL ? sizeof *head : 0;
    size_t size = front + length, need = sizeof(RingOutput) + ((size + 7) & ~(size_t)7);
    if (room_for_input(ring, need)) {
        RingOutput record = {__atomic_load_n(&ring->events, __ATOMIC_ACQUIRE), descriptor, (uint32_t)size};
        uint64_t to = ring->output_head;
        copy_to_area(to, &record, sizeof record);
        copy_to_area(to + sizeof record, head, front);
        copy_to_area(to + sizeof record + front, data, length);
        __atomic_store_n(&ring->output_head, to + need, __ATOMIC_RELEASE);
        copied.inputs++;
        inputs.bytes += need;
    }
    else {
        inputs.noting = false;
    }
    __atomic_store_n(&ring->output_lock, 0, __ATOMIC_RELEASE);
    noting_output = false;
    errno = kept;
}

static void note_input(int kind, int64_t result, int64_t which, const void *data, size_t length)
{
    InputHead head = {result, which};
    put_input((uint32_t)(INPUT_MARK + kind), &head, data, length);
}

/* What the user has carried out in the program while it stops. */
static void note_live(uint64_t frame, uint64_t source_length, const void *text, size_t length)
{
    InputHead head = {(int64_t)frame, (int64_t)source_length};
    put_input((uint32_t)(INPUT_MARK + INPUT_LIVE), &head, text, length);
}

/* Turn noting on or off, while something of the debugger's runs; gives what it was. */
static bool inputs_noted(bool wanted)
{
    bool before = inputs.noting;
    inputs.noting = wanted;
    return before;
}

/* Whether a descriptor is of something that can't be read again. */
static bool passes_by(int fd)
{
    struct stat status;
    return own_call(SYS_fstat, fd, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static inline int64_t outcome(int64_t result) { return result < 0 ? -(int64_t)errno : result; }

/* ---- in a copy ---- */

static const char *const input_names[] = {"", "the time", "random bytes", "data from a pipe, a socket or the terminal", "what is ready",
                                          "the end of a process", "a new process", "a socket"};

/* Where a program goes another way it gets what comes next of the same kind: of reads, from the same
 * descriptor. Times and random bytes are not worth that. */
static const InputHead *next_of_kind(int kind, int64_t which, const uint8_t **data, size_t *length)
{
    static InputHead head;
    if (kind == INPUT_CLOCK || kind == INPUT_RANDOM) {
        return NULL;
    }
    const uint8_t **at = &inputs.next[kind & 15];
    *at = *at == NULL ? inputs.at : *at;
    while (*at != NULL && inputs.end - *at >= (ptrdiff_t)(sizeof(RingOutput) + sizeof(InputHead))) {
        RingOutput record;
        memcpy(&record, *at, sizeof record);
        memcpy(&head, *at + sizeof record, sizeof head);
        *data = *at + sizeof record + sizeof head;
        *length = record.length - sizeof head;
        *at += sizeof record + ((record.length + 7) & ~(size_t)7);
        if (record.descriptor == (uint32_t)(INPUT_MARK + kind) && record.length >= sizeof head && (which < 0 || head.which == which)) {
            return &head;
        }
    }
    return NULL;
}

/* The next input, if it is of this kind; else the copy can't go on. NULL in another universe alone, where
 * there are no more of the kind. */
static const InputHead *next_input(int kind, int64_t which, const uint8_t **data, size_t *length)
{
    RingOutput record;
    static InputHead head;
    if (inputs.another) {
        return next_of_kind(kind, which, data, length);
    }
    static char text[256];
    if (inputs.end - inputs.at < (ptrdiff_t)sizeof record) {
        snprintf(text, sizeof text, "after event %llu it asks for %s, and that was not noted: there was too much of it",
                 (unsigned long long)R.events - 1, input_names[kind]);
        say(SAYS_HELD, text);
        leave_copy(1);
    }
    memcpy(&record, inputs.at, sizeof record);
    uint32_t recorded = (record.descriptor & 0xffff) - INPUT_MARK;
    size_t front = recorded == INPUT_CLOCK ? 0 : sizeof head;
    bool whole = record.length >= front && record.length <= (size_t)(inputs.end - inputs.at) - sizeof record;
    if (recorded != (uint32_t)kind || record.event != R.events || !whole) {
        const char *there = recorded < sizeof input_names / sizeof *input_names ? input_names[recorded] : "something else";
        snprintf(text, sizeof text, "it differs after event %llu: here it asks for %s, there for %s, after event %llu",
                 (unsigned long long)R.events - 1, input_names[kind], there, (unsigned long long)record.event - 1);
        say(SAYS_HELD, text);
        leave_copy(1);
    }
    if (front > 0) {
        memcpy(&head, inputs.at + sizeof record, front);
    }
    *data = inputs.at + sizeof record + front;
    *length = record.length - front;
    inputs.at += sizeof record + ((record.length + 7) & ~(size_t)7);
    copied.inputs++;
    return &head;
}

/* Whether the next input is what the user had carried out at this event: then it is taken. */
static bool next_is_live(InputHead *head, const uint8_t **data, size_t *length)
{
    RingOutput record;
    if (inputs.end - inputs.at < (ptrdiff_t)(sizeof record + sizeof *head)) {
        return false;
    }
    memcpy(&record, inputs.at, sizeof record);
    bool whole = record.length >= sizeof *head && record.length <= (size_t)(inputs.end - inputs.at) - sizeof record;
    if (record.descriptor != INPUT_MARK + INPUT_LIVE || record.event != R.events || !whole) {
        return false;
    }
    memcpy(head, inputs.at + sizeof record, sizeof *head);
    *data = inputs.at + sizeof record + sizeof *head;
    *length = record.length - sizeof *head;
    inputs.at += sizeof record + ((record.length + 7) & ~(size_t)7);
    copied.inputs++;
    return head->which >= 0 && (size_t)head->which < *length;
}

static bool replaying(void) { return R.copy && !R.inside; }

/* ---- the clock: by the page that the kernel maps, without a system call ---- */

static int clock_by_call(clockid_t clock, struct timespec *time) { return (int)own_call(SYS_clock_gettime, clock, time); }

static void find_clock(void)
{
    const ElfW(Ehdr) *image = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
    if (image == NULL) {
        return;
    }
    const ElfW(Phdr) *segment = (const ElfW(Phdr) *)((const char *)image + image->e_phoff);
    const ElfW(Dyn) *dynamic = NULL;
    uintptr_t base = (uintptr_t)image;
    for (int i = 0; i < image->e_phnum; i++) {
        if (segment[i].p_type == PT_LOAD) {
            base = (uintptr_t)image + segment[i].p_offset - segment[i].p_vaddr;
            break;
        }
    }
    for (int i = 0; i < image->e_phnum; i++) {
        if (segment[i].p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *)((const char *)image + segment[i].p_offset);
        }
    }
    const ElfW(Sym) *symbols = NULL;
    const char *names = NULL;
    const uint32_t *hash = NULL;
    for (; dynamic != NULL && dynamic->d_tag != DT_NULL; dynamic++) {
        uintptr_t at = base + dynamic->d_un.d_ptr;
        switch (dynamic->d_tag) {
        case DT_SYMTAB:
            symbols = (const ElfW(Sym) *)at;
            break;
        case DT_STRTAB:
            names = (const char *)at;
            break;
        case DT_HASH:
            hash = (const uint32_t *)at;
            break;
        }
    }
    /* Without DT_HASH the table of symbols ends where that of the names begins. */
    size_t count = symbols == NULL || names == NULL ? 0
                   : hash != NULL                   ? hash[1]
                   : names > (const char *)symbols  ? (size_t)(names - (const char *)symbols) / sizeof *symbols
                                                    : 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = names + symbols[i].st_name;
        if (strcmp(name, "__vdso_clock_gettime") == 0 || strcmp(name, "__kernel_clock_gettime") == 0) {
            clock_by_kernel = (ClockFunction)(base + symbols[i].st_value);
            return;
        }
    }
}

static int noted_clock_gettime(clockid_t clock, struct timespec *time)
{
    if (UNLIKELY(replaying())) {
        const uint8_t *data;
        size_t length;
        const InputHead *head = next_input(INPUT_CLOCK, clock, &data, &length);
        if (head != NULL && length == sizeof(uint64_t)) {
            uint64_t ns;
            memcpy(&ns, data, sizeof ns);
            time->tv_sec = (time_t)(ns / 1000000000ULL);
            time->tv_nsec = (long)(ns % 1000000000ULL);
            return 0;
        }
    }
    int result = clock_by_kernel(clock, time);
    if (UNLIKELY(result < 0)) {
        errno = -result;
        return -1;
    }
    if (noting_inputs()) {
        uint64_t ns = (uint64_t)time->tv_sec * 1000000000ULL + (uint64_t)time->tv_nsec;
        put_input((uint32_t)(INPUT_MARK + INPUT_CLOCK) | (uint32_t)(uint16_t)clock << 16, NULL, &ns, sizeof ns);
    }
    return 0;
}

/* ---- libc's functions: each does its system call, which in a copy is answered by effects.c ---- */

static ssize_t note_read(ssize_t got, int fd, const void *bytes)
{
    if (noting_inputs() && passes_by(fd)) {
        note_input(INPUT_READ, outcome(got), fd, bytes, got > 0 ? (size_t)got : 0);
    }
    return got;
}

static ssize_t noted_read(int fd, void *buffer, size_t count)
{
    return note_read(syscall(SYS_read, fd, buffer, count), fd, buffer);
}

static ssize_t noted_recvfrom(int fd, void *buffer, size_t count, int flags, struct sockaddr *address, socklen_t *length)
{
    ssize_t got = syscall(SYS_recvfrom, fd, buffer, count, flags, address, length);
    if (noting_inputs()) {
        if (address == NULL) {
            note_input(INPUT_READ, outcome(got), fd, buffer, got > 0 ? (size_t)got : 0);
        }
        else {
            inputs.noting = false; /* datagrams with their senders */
        }
    }
    return got;
}

static ssize_t noted_recv(int fd, void *buffer, size_t count, int flags) { return noted_recvfrom(fd, buffer, count, flags, NULL, NULL); }

static ssize_t noted_getrandom(void *buffer, size_t count, unsigned flags)
{
    ssize_t got = syscall(SYS_getrandom, buffer, count, flags);
    if (noting_inputs()) {
        note_input(INPUT_RANDOM, outcome(got), 0, buffer, got > 0 ? (size_t)got : 0);
    }
    return got;
}

static int noted_ppoll(struct pollfd *states, nfds_t count, const struct timespec *limit, const sigset_t *mask)
{
    struct timespec left; /* the system call writes there */
    if (limit != NULL) {
        left = *limit;
    }
    int ready = (int)syscall(SYS_ppoll, states, count, limit != NULL ? &left : NULL, mask, 8L);
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
    if (limit != NULL) {
        time.tv_sec = limit->tv_sec + limit->tv_usec / 1000000;
        time.tv_nsec = limit->tv_usec % 1000000 * 1000;
        given = &time;
    }
    int ready = (int)syscall(SYS_pselect6, count, reads, writes, others, given, NULL);
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

static int noted_epoll_wait(int fd, struct epoll_event *events, int most, int milliseconds)
{
    int ready = (int)syscall(SYS_epoll_pwait, fd, events, most, milliseconds, NULL, 8L);
    if (noting_inputs()) {
        note_input(INPUT_POLL, outcome(ready), 2, events, ready > 0 ? (size_t)ready * sizeof *events : 0);
    }
    return ready;
}

static pid_t noted_wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    int own = 0;
    pid_t found = (pid_t)syscall(SYS_wait4, pid, &own, options, usage);
    if (status != NULL) {
        *status = own;
    }
    if (noting_inputs()) {
        uint8_t data[sizeof own + sizeof *usage];
        memcpy(data, &own, sizeof own);
        if (usage != NULL) {
            memcpy(data + sizeof own, usage, sizeof *usage);
        }
        note_input(INPUT_WAIT, outcome(found), 0, data, usage != NULL ? sizeof data : sizeof own);
    }
    return found;
}

static int noted_waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
    int result = (int)syscall(SYS_waitid, kind, id, info, options, NULL);
    if (noting_inputs()) {
        note_input(INPUT_WAIT, outcome(result), 1, info, info != NULL ? sizeof *info : 0);
    }
    return result;
}

/* A child that shares this process's memory until it runs its program: only who it is has to be noted. */
#if defined(__x86_64__)
__attribute__((used)) static void tttui_note_child(long pid)
{
    if (noting_inputs()) {
        note_input(INPUT_FORK, pid, 0, NULL, 0);
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

/* ---- answers to the system calls of a copy; false: none is known ---- */

static bool replay(int kind, int64_t which, long *result, const uint8_t **data, size_t *length)
{
    if (!replaying()) {
        return false;
    }
    const InputHead *head = next_input(kind, which, data, length);
    if (head == NULL || (which >= 0 && head->which != which)) {
        return false;
    }
    *result = head->result;
    return true;
}

static bool replay_bytes(int kind, int64_t which, void *buffer, size_t room, long *result)
{
    const uint8_t *data;
    size_t length;
    if (!replay(kind, which, result, &data, &length)) {
        return false;
    }
    memcpy(buffer, data, length < room ? length : room);
    return true;
}

static bool replay_sets(const long *a, long *result)
{
    const uint8_t *data;
    size_t length, size = ((size_t)a[0] + 63) / 64 * 8, used = 0;
    if (!replay(INPUT_POLL, 1, result, &data, &length)) {
        return false;
    }
    for (int i = 1; i <= 3; i++) {
        if (a[i] != 0 && used + size <= length) {
            memcpy((void *)a[i], data + used, size);
            used += size;
        }
    }
    return true;
}

static bool replay_wait(int *status, void *usage, long *result)
{
    const uint8_t *data;
    size_t length;
    if (!replay(INPUT_WAIT, 0, result, &data, &length) || length < sizeof(int)) {
        return false;
    }
    if (status != NULL) {
        memcpy(status, data, sizeof(int));
    }
    if (usage != NULL && length == sizeof(int) + sizeof(struct rusage)) {
        memcpy(usage, data + sizeof(int), sizeof(struct rusage));
    }
    return true;
}

static void watch_inputs(void)
{
    static const struct { const char *name; void *function; } replaced[] = {
        {"clock_gettime", (void *)noted_clock_gettime}, {"read", (void *)noted_read}, {"recv", (void *)noted_recv},
        {"recvfrom", (void *)noted_recvfrom}, {"getrandom", (void *)noted_getrandom}, {"poll", (void *)noted_poll},
        {"ppoll", (void *)noted_ppoll},
        {"select", (void *)noted_select}, {"epoll_wait", (void *)noted_epoll_wait}, {"wait4", (void *)noted_wait4},
        {"waitid", (void *)noted_waitid},
#if defined(__x86_64__)
        {"vfork", (void *)tttui_vfork},
#endif
    };
    if (!inputs.watched) {
        inputs.watched = true;
        clock_by_kernel = clock_by_call;
        find_clock();
        void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
        for (size_t i = 0; libc != NULL && i < sizeof replaced / sizeof *replaced; i++) {
            replace_function(libc, replaced[i].name, replaced[i].function);
        }
        if (libc != NULL) {
            dlclose(libc);
        }
    }
    inputs.thread = pthread_self();
    inputs.bytes = inputs.waited = 0;
    inputs.noting = true;
}
