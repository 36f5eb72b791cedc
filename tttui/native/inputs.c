/* What the program gets to know from outside: times, random bytes, what it reads from pipes, sockets and
 * the terminal, what it waits for. In the program that is noted beside the stream; a copy that runs
 * forward gets the same again, in the same order. As with output it is libc's functions that are
 * replaced in memory. Only the main thread's are: a copy has no other. Files that can be read again
 * are not noted. */
#include "recorder.h"
#include "checkpoint.h"

#include <pthread.h>

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
    INPUT_MADE = 10,   /* a path that led to nothing leads to something from here on; data: it, whole  */
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
 * descriptor. Times are another thing (elsewhere.c). */
static const InputHead *next_of_kind(int kind, int64_t which, const uint8_t **data, size_t *length)
{
    static InputHead head;
    if (kind == INPUT_CLOCK) {
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

static void take_input(const RingOutput *record);

/* What was made is told for other universes alone (not_yet.c). */
static bool is_of_made(const RingOutput *record)
{
    if ((record->descriptor & ~INPUT_WITHHELD) != INPUT_MARK + INPUT_MADE || record->length > (size_t)(inputs.end - inputs.at) - sizeof *record) {
        return false;
    }
    take_input(record);
    return true;
}

/* The input that comes next, its head and data; false where there are no more. A time has no head. */
static bool look_ahead(RingOutput *record, InputHead *head, const uint8_t **data, size_t *length)
{
    do {
        if (inputs.end - inputs.at < (ptrdiff_t)sizeof *record) {
            return false;
        }
        memcpy(record, inputs.at, sizeof *record);
    } while (is_of_made(record));
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
