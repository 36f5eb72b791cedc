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
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

/* RingOutput.descriptor of an input is INPUT_MARK + one of these; InputHead and data follow. */
enum {
    INPUT_CLOCK = 1,   /* no InputHead, as there are many; the clock is in the upper half of the
                        * descriptor; data: ns                                                  */
    INPUT_RANDOM = 2,  /* data: the bytes                                                       */
    INPUT_READ = 3,    /* which: descriptor; data: the bytes                                    */
    INPUT_POLL = 4,    /* data: the array or the sets, as they came back                        */
    INPUT_WAIT = 5,    /* data: status, then struct rusage or siginfo_t where asked for         */
    INPUT_FORK = 6,    /* result: the child                                                     */
    INPUT_CALL = 7,    /* which: number of the system call; data: what it gave                  */
    INPUT_SIGNAL = 8,  /* it came; which: its number, result: calls before it (inputs.calls)    */
    INPUT_HANDLED = 9, /* the program's function for it was called; the same; data: the
                        * instruction at which its caller was, as int64_t (caller_lasti())      */
    INPUT_LIVE = 15,   /* the user had it carried out in the program, which had stopped: result: the
                        * frame, which: length of inside.py's source; data: that, then the text */
};
#define STARTED 1            /* which, of a new process                                          */
#define UNSPAWNED 2          /* which, of the end of a process that couldn't run its program      */
#define SIGNAL_PATIENCE 1000 /* events within which a signal's function is called, or it has none */
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
    uint64_t from_files;     /* bytes of them that were read from files                          */
    int64_t last_child;      /* number of the last process that was started, as far as is known */
    uint64_t calls;          /* that may be noted, so far: the same in a copy                   */
    uint8_t quiet[KNOWN_FDS]; /* files of the interpreter and of libraries                      */
    uint64_t late_signals;   /* came while an input was noted: a bit for each                   */
    uint64_t unhandled;      /* came, and their function wasn't seen to be called yet: the same */
    uint64_t came_again;     /* of those, once more                                              */
    uint64_t unhandled_since; /* the event                                                      */
    /* in a copy */
    const uint8_t *at, *end;
    const uint8_t *next[16]; /* in another universe: of each kind                               */
    bool another;            /* it goes another way than was recorded                           */
} inputs;

/* A function of libc, and what stands in its place. */
struct Replaced {
    const char *name;
    void *function;
};

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

static void note_late_signals(void);

/* No more until the next copy is made; and what is run again from the start can't get beyond this. */
static void stop_noting(void)
{
    inputs.noting = false;
    if (R.ring->inputs_until == 0) {
        R.ring->inputs_until = 1 + __atomic_load_n(&R.ring->events, __ATOMIC_ACQUIRE);
    }
}

static void put_input(uint32_t descriptor, const InputHead *head, const void *data, size_t length)
{
    RingHeader *ring = R.ring;
    if (length > RING_OUTPUT_SIZE / 4 || inputs.bytes > MOST_INPUTS || noting_output) {
        stop_noting();
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
        stop_noting();
    }
    __atomic_store_n(&ring->output_lock, 0, __ATOMIC_RELEASE);
    noting_output = false;
    note_late_signals();
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

/* The other way round: what a function of libc returns. */
static inline long given(int64_t outcome)
{
    if (outcome < 0) {
        errno = (int)-outcome;
        return -1;
    }
    return (long)outcome;
}

/* A system call whose outcome is noted, or given again (own_call.h). */
static long noted_call(long number, long a, long b, long c, long d, long e, long f) { return given(tttui_noted_call(number, a, b, c, d, e, f)); }

/* ---- in a copy ---- */

static const char *const input_names[] = {"", "the time", "random bytes", "data from a file, a pipe, a socket or the terminal", "what is ready",
                                          "the end of a process", "a new process", "the state of a file or a socket", "a signal", "a signal"};

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

/* The input that comes next, its head and data; false where there are no more. A time has no head. */
static bool look_ahead(RingOutput *record, InputHead *head, const uint8_t **data, size_t *length)
{
    if (inputs.end - inputs.at < (ptrdiff_t)sizeof *record) {
        return false;
    }
    memcpy(record, inputs.at, sizeof *record);
    size_t front = (record->descriptor & 0xffff) == INPUT_MARK + INPUT_CLOCK ? 0 : sizeof *head;
    if (record->length < front || record->length > (size_t)(inputs.end - inputs.at) - sizeof *record) {
        return false;
    }
    memset(head, 0, sizeof *head);
    memcpy(head, inputs.at + sizeof *record, front);
    *data = inputs.at + sizeof *record + front;
    *length = record->length - front;
    return true;
}

static void signal_came(int number, int64_t at);

/* Of a call that may be noted: what it is known by (files.c). Signals come between two of them. */
static int64_t this_call(long number);

/* Past the input that comes next, and past the signals that came before the one after it. */
static void take_input(const RingOutput *record)
{
    inputs.at += sizeof *record + ((record->length + 7) & ~(size_t)7);
    copied.inputs++;
}

/* Whether it is told when a signal that comes now is handled. */
static bool is_handled_later(const RingOutput *came, int64_t number)
{
    const uint8_t *at = inputs.at;
    while (inputs.end - at >= (ptrdiff_t)(sizeof(RingOutput) + sizeof(InputHead))) {
        RingOutput record;
        InputHead head;
        memcpy(&record, at, sizeof record);
        memcpy(&head, at + sizeof record, sizeof head);
        if (record.event > came->event + SIGNAL_PATIENCE) {
            break;
        }
        if (record.descriptor == INPUT_MARK + INPUT_HANDLED && head.which == number) {
            return true;
        }
        at += sizeof record + ((record.length + 7) & ~(size_t)7);
    }
    return false;
}

/* Text, and behind a line break what is suspected. */
static void say_with_suspects(const char *text)
{
    static char all[sizeof suspects.text + 512];
    tell_signal();
    int length = snprintf(all, sizeof all, "%s\n%s", text, suspects.text);
    send_message(SAYS_HELD, 0, NULL, all, length < (int)sizeof all ? (size_t)length : sizeof all);
}

static void take_signals(void)
{
    RingOutput record;
    InputHead head;
    const uint8_t *data;
    size_t length;
    verified.signal_due = UINT64_MAX;
    while (!inputs.another && look_ahead(&record, &head, &data, &length) &&
           (record.descriptor == INPUT_MARK + INPUT_SIGNAL || record.descriptor == INPUT_MARK + INPUT_HANDLED)) {
        bool handled = record.descriptor == INPUT_MARK + INPUT_HANDLED;
        if (!handled && is_handled_later(&record, head.which)) { /* it may have been noted late, behind that event */
            take_input(&record);
            continue;
        }
        uint64_t due = record.event - (handled && record.event > 0); /* the call of the handler is an event itself */
        if (due > R.events || (due == R.events && (uint64_t)head.result > inputs.calls)) {
            verified.signal_due = due;
            return;
        }
        take_input(&record);
        int64_t at = 0;
        memcpy(&at, data, handled && length == sizeof at ? sizeof at : 0);
        signal_came((int)head.which, at);
    }
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
    take_signals();
    if (!look_ahead(&record, &head, data, length)) {
        snprintf(text, sizeof text, "after event %lld it asks for %s, and that was not noted: there was too much of it",
                 (long long)R.events - 1, input_names[kind]);
        say(SAYS_HELD, text);
        leave_copy(1);
    }
    uint32_t recorded = (record.descriptor & 0xffff) - INPUT_MARK;
    if (recorded != (uint32_t)kind || record.event != R.events) {
        const char *there = recorded < sizeof input_names / sizeof *input_names ? input_names[recorded] : "something else";
        snprintf(text, sizeof text, "it differs after event %lld: here it asks for %s, there for %s, after event %lld",
                 (long long)R.events - 1, input_names[kind], there, (long long)record.event - 1);
        say_with_suspects(text);
        leave_copy(1);
    }
    if (kind != INPUT_CLOCK && (record.descriptor & INPUT_WITHHELD)) {
        snprintf(text, sizeof text, "after event %lld it was given a secret, which was not recorded (--no-redact records them)",
                 (long long)R.events - 1);
        say(SAYS_HELD, text);
        leave_copy(1);
    }
    take_input(&record);
    take_signals();
    return &head;
}

/* Whether the next input is what the user had carried out at this event: then it is taken. */
static bool next_is_live(InputHead *head, const uint8_t **data, size_t *length)
{
    RingOutput record;
    take_signals();
    if (!look_ahead(&record, head, data, length) || record.descriptor != INPUT_MARK + INPUT_LIVE || record.event != R.events) {
        return false;
    }
    take_input(&record);
    return head->which >= 0 && (size_t)head->which < *length;
}

/* The next input, if it is exactly this one: of some things only what is out of the ordinary is noted. */
static bool next_if(int kind, int64_t which, int64_t *result, const uint8_t **data, size_t *length)
{
    RingOutput record;
    InputHead head;
    if (inputs.another) {
        return false;
    }
    take_signals();
    if (!look_ahead(&record, &head, data, length) || (record.descriptor & ~INPUT_WITHHELD) != (uint32_t)(INPUT_MARK + kind) ||
        record.event != R.events || head.which != which) {
        return false;
    }
    take_input(&record);
    take_signals();
    if (record.descriptor & INPUT_WITHHELD) {
        return false; /* a file is read again */
    }
    *result = head.result;
    return true;
}

static bool replaying(void) { return R.copy && !R.inside; }

/* ---- the clock: by the page that the kernel maps, without a system call ---- */

static int clock_by_call(clockid_t clock, struct timespec *time) { return (int)own_call(SYS_clock_gettime, clock, time); }

/* Of the other two functions there: what it takes to replace them. */
static struct { const char *name; uint8_t *at; size_t size; } other_clocks[] = {{"__vdso_time", NULL, 0}, {"__vdso_gettimeofday", NULL, 0}};
static struct { const uint8_t *at; size_t size; } kernels_page;

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
            kernels_page.at = (const uint8_t *)image;
            kernels_page.size = segment[i].p_memsz;
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
        }
        for (int other = 0; other < 2; other++) {
            if (strcmp(name, other_clocks[other].name) == 0) {
                other_clocks[other].at = (uint8_t *)(base + symbols[i].st_value);
                other_clocks[other].size = symbols[i].st_size;
            }
        }
    }
}

static int noted_clock_gettime(clockid_t clock, struct timespec *time)
{
    if (UNLIKELY(replaying()) && !again.unnoted) {
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
    /* What the recorder calls may ask, too: CPython 3.12 does for each lock. A copy has no need of that. */
    if (noting_inputs() && !R.inside) {
        uint64_t ns = (uint64_t)time->tv_sec * 1000000000ULL + (uint64_t)time->tv_nsec;
        put_input((uint32_t)(INPUT_MARK + INPUT_CLOCK) | (uint32_t)(uint16_t)clock << 16, NULL, &ns, sizeof ns);
    }
    return 0;
}

/* libc's time() and gettimeofday() are the kernel's functions themselves. */
static time_t noted_time(time_t *to)
{
    struct timespec now = {0, 0};
    noted_clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (to != NULL) {
        *to = now.tv_sec;
    }
    return now.tv_sec;
}

static int noted_gettimeofday(struct timeval *time, void *zone)
{
    struct timespec now = {0, 0};
    if (time != NULL) {
        noted_clock_gettime(CLOCK_REALTIME, &now);
        time->tv_sec = now.tv_sec;
        time->tv_usec = now.tv_nsec / 1000;
    }
    return zone != NULL ? (int)own_call(SYS_gettimeofday, NULL, zone) : 0;
}

/* ---- libc's functions: each does its system call, which in a copy is answered by effects.c ---- */

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

/* ---- answers to the system calls of a copy; false: none is known ---- */

static bool replay(int kind, int64_t which, long *result, const uint8_t **data, size_t *length)
{
    if (!replaying() || again.unnoted) {
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

/* The next input of one of two kinds from `at` on; NULL where there is none. */
static const uint8_t *find_input(const uint8_t *at, int kind, int or_kind, InputHead *head)
{
    while (inputs.end - at >= (ptrdiff_t)(sizeof(RingOutput) + sizeof *head)) {
        RingOutput record;
        memcpy(&record, at, sizeof record);
        memcpy(head, at + sizeof record, sizeof *head);
        at += sizeof record + ((record.length + 7) & ~(size_t)7);
        if (record.descriptor == (uint32_t)(INPUT_MARK + kind) || record.descriptor == (uint32_t)(INPUT_MARK + or_kind)) {
            return at;
        }
    }
    return NULL;
}

/* A child that libc started for posix_spawn() or system(): nothing told of it. It is the next one by its number of those
 * that are waited for and whose start isn't noted. Where there was no such program libc waits at once; which error it was
 * isn't known, but this is the one that it mostly is. */
static long next_child(void)
{
    enum { MOST = 64 };
    int64_t result, started[MOST];
    int count = 0;
    const uint8_t *at = inputs.at, *data;
    size_t length;
    if (next_if(INPUT_WAIT, UNSPAWNED, &result, &data, &length)) {
        this_call(SYS_wait4);
        return -ENOENT;
    }
    InputHead head;
    long child = 0;
    while ((at = find_input(at, INPUT_WAIT, INPUT_FORK, &head)) != NULL) {
        bool known = head.result <= inputs.last_child;
        for (int i = 0; i < count; i++) {
            known = known || started[i] == head.result;
        }
        if (!known && count < MOST) {
            started[count++] = head.result;
            /* its end before its start: so it is the one */
            child = head.which == STARTED ? child : child == 0 || head.result < child ? head.result : child;
        }
    }
    inputs.last_child = child > inputs.last_child ? child : inputs.last_child;
    return child;
}

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
