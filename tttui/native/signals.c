/* Signals that the program handles: when each came is noted, between which inputs and events, and in a copy it
 * comes there again. A handler of the program's stands behind one of ours, which notes and then calls it. */
#include "recorder.h"
#include "checkpoint.h"

#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>

typedef void (*Handler)(int, siginfo_t *, void *);

static struct {
    Handler function;
    int flags;
} handlers[65];

/* As the kernel has it. */
typedef struct {
    Handler function;
    unsigned long flags;
#if defined(__x86_64__)
    void (*restorer)(void);
#endif
    uint64_t mask;
} Action;

#if defined(__x86_64__)
static void (*restorer)(void); /* libc's, with which a handler returns */
#endif

static void note_signal(int number)
{
    if (!noting_inputs() || own_call(SYS_getpid) != copied.program) {
        return;
    }
    R.attention = true;
    if (noting_output || R.inside) { /* in the middle of something: it comes behind that */
        __atomic_or_fetch(&inputs.late_signals, 1ULL << (number - 1), __ATOMIC_RELAXED);
        return;
    }
    inputs.came_again |= inputs.unhandled & 1ULL << (number - 1);
    inputs.unhandled |= 1ULL << (number - 1);
    inputs.unhandled_since = R.events;
    note_input(INPUT_SIGNAL, (int64_t)inputs.calls, number, NULL, 0);
}

/* Those that came while something else was noted. */
static void note_late_signals(void)
{
    while (UNLIKELY(inputs.late_signals != 0) && !R.inside) {
        int number = __builtin_ctzll(inputs.late_signals) + 1;
        __atomic_and_fetch(&inputs.late_signals, ~(1ULL << (number - 1)), __ATOMIC_RELAXED);
        note_signal(number);
    }
}

/* Whether a value is the number of a signal. */
static bool is_number(PyObject *value, int number)
{
    return value != NULL && PyLong_CheckExact(value) && PyLong_AsLong(value) == number;
}

/* At the end of an event: whether it was the call of the function for a signal that came: function(number, frame),
 * or a method. */
static void note_signals_handled(uint8_t event)
{
    note_late_signals();
    Shadow *top = R.thread != NULL ? R.thread->top : NULL;
    for (int number = 1; number < 65 && inputs.unhandled != 0 && event == EV_CALL && top != NULL; number++) {
        for (int i = 0; i < 2 && (inputs.unhandled & 1ULL << (number - 1)); i++) {
            PyObject *frame = top->code->slots > i + 1 ? frame_slot(top->frame, i + 1) : NULL;
            bool by_program = top->parent != NULL && entered_directly(top->frame, top->parent->frame);
            if (frame != NULL && !by_program && (PyFrame_Check(frame) || frame == Py_None) && is_number(frame_slot(top->frame, i), number)) {
                int64_t at = caller_lasti(top->parent);
                uint64_t again_too = inputs.came_again & 1ULL << (number - 1); /* it may have come behind this call's start */
                inputs.unhandled &= ~(1ULL << (number - 1)) | again_too;
                inputs.came_again &= ~again_too;
                note_input(INPUT_HANDLED, (int64_t)inputs.calls, number, &at, sizeof at);
                break;
            }
        }
    }
    if (R.events > inputs.unhandled_since + SIGNAL_PATIENCE) {
        inputs.unhandled = inputs.came_again = 0;
    }
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    int kept = errno;
    if (in_main_thread() && !(handlers[number].flags & SA_RESTART)) {
        signal_trips();
    }
    note_signal(number);
    errno = kept;
    handlers[number].function(number, info, context);
}

static bool is_handled(int number)
{
    Action action;
    return number > 0 && number < 65 && own_call(SYS_rt_sigaction, number, NULL, &action, 8L) == 0 && action.function == on_signal;
}

/* In a copy, where one came. */
static void handle_signal(int number)
{
    siginfo_t info = {.si_signo = number, .si_code = SI_USER, .si_pid = copied.program};
    if (is_handled(number)) {
        int kept = errno;
        handlers[number].function(number, &info, NULL);
        errno = kept;
    }
}

/* One whose function was called at an instruction that isn't reached yet. The interpreter looks for signals at some
 * instructions of a line, between which there is no event: so it is asked to say whenever it does. */
static struct {
    int number;      /* 0: none */
    int64_t at;      /* the instruction, as caller_lasti() tells it */
    uint64_t events; /* before this event */
    bool handling;
} awaited;

/* Called where the interpreter looks for signals. */
static int at_look_for_signals(void *nothing)
{
    (void)nothing;
    int number = awaited.number;
    if (number == 0 || R.inside || !R.verifying || R.events != awaited.events) {
        awaited.number = 0; /* it differs: nothing is to be repeated any more */
        return 0;
    }
    if (R.thread == NULL || caller_lasti(R.thread->top) != awaited.at) {
        return Py_AddPendingCall(at_look_for_signals, NULL); /* the next time */
    }
    awaited.number = 0;
    awaited.handling = true;
    handle_signal(number);
    int result = PyErr_CheckSignals();
    awaited.handling = false;
    return result;
}

/* In a copy, one that came: where its function was called, if that is known. Inside the function for another that was
 * awaited the interpreter doesn't say where it looks. */
static void signal_came(int number, int64_t at)
{
    if (number < 1 || number > 64) {
        return;
    }
    suspect_signal(number);
    uint64_t known = (inputs.unhandled | inputs.late_signals) & 1ULL << (number - 1); /* to the interpreter, when the copy was made */
    inputs.unhandled &= ~known;
    inputs.late_signals &= ~known;
    bool waits = PY_VERSION_HEX >= 0x030d0000; /* before, what makes it look takes a lock, and that asks for the time */
    if (waits && known == 0 && at > 0 && awaited.number == 0 && !awaited.handling && R.verifying && R.thread != NULL && caller_lasti(R.thread->top) != at) {
        awaited.number = number;
        awaited.at = at;
        awaited.events = R.events;
        if (Py_AddPendingCall(at_look_for_signals, NULL) == 0) {
            return;
        }
        awaited.number = 0;
    }
    handle_signal(number);
}

/* Those that tell of an error of the program, or are the recorder's own, are left alone. */
static bool is_wrapped(int number)
{
    return number > 0 && number < 65 && number != SIGSYS && number != SIGSEGV && number != SIGBUS && number != SIGFPE &&
           number != SIGILL && number != SIGTRAP && number != SIGABRT && number != SIGKILL && number != SIGSTOP;
}

static bool is_function(Handler function) { return function != (Handler)SIG_DFL && function != (Handler)SIG_IGN; }

static int noted_sigaction(int number, const struct sigaction *new, struct sigaction *old)
{
    Action action, before;
    if (number == 32 || number == 33) { /* libc's own */
        errno = EINVAL;
        return -1;
    }
    if (number == SIGSYS && effects.held && R.copy) {
        return 0;
    }
    Handler previous = number > 0 && number < 65 ? handlers[number].function : NULL;
    int previous_flags = number > 0 && number < 65 ? handlers[number].flags : 0;
    if (new != NULL) {
        action.function = (Handler)new->sa_sigaction;
        action.flags = (unsigned long)(unsigned)new->sa_flags;
        memcpy(&action.mask, &new->sa_mask, sizeof action.mask);
#if defined(__x86_64__)
        action.flags |= 0x04000000; /* SA_RESTORER */
        action.restorer = restorer;
#endif
        if (is_wrapped(number) && is_function(action.function)) {
            handlers[number].function = action.function;
            handlers[number].flags = new->sa_flags;
            action.function = on_signal;
            action.flags |= SA_SIGINFO;
        }
    }
    long result = own_call(SYS_rt_sigaction, number, new != NULL ? &action : NULL, &before, sizeof action.mask);
    if (result < 0) {
        if (number > 0 && number < 65) {
            handlers[number].function = previous;
            handlers[number].flags = previous_flags;
        }
        errno = (int)-result;
        return -1;
    }
    if (old != NULL) {
        bool ours = before.function == on_signal;
        memset(&old->sa_mask, 0, sizeof old->sa_mask);
        memcpy(&old->sa_mask, &before.mask, sizeof before.mask);
        old->sa_sigaction = (void (*)(int, siginfo_t *, void *))(ours ? previous : before.function);
        old->sa_flags = ours ? previous_flags : (int)before.flags;
#if defined(__x86_64__)
        old->sa_restorer = before.restorer;
#endif
    }
    return 0;
}

/* Handlers that there are already. */
static void wrap_handlers(void)
{
    Action action;
#if defined(__x86_64__)
    for (int number = 1; number < 65 && restorer == NULL; number++) {
        if (own_call(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask) == 0) {
            restorer = action.restorer;
        }
    }
#endif
    for (int number = 1; number < 65; number++) {
        if (is_wrapped(number) && own_call(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask) == 0 &&
            is_function(action.function) && action.function != on_signal) {
            handlers[number].function = action.function;
            handlers[number].flags = (int)action.flags;
            action.function = on_signal;
            action.flags |= SA_SIGINFO;
            own_call(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
        }
    }
}

/* ---- sending them, timers, and what the system says of this process ---- */

/* To itself: what came of it is noted. To others: it is pretended. */
static int noted_kill(pid_t pid, int number) { return (int)pretended(SYS_kill, pid, number, 0, 0); }

static int noted_sigpending(sigset_t *set)
{
    uint64_t pending = 0;
    long result = told(SYS_rt_sigpending, LONG(&pending), sizeof pending, 0, 0, &pending, sizeof pending, sizeof pending, false);
    if (result == 0) {
        memset(set, 0, sizeof *set);
        memcpy(set, &pending, sizeof pending);
    }
    return (int)result;
}

static int noted_setitimer(int which, const struct itimerval *new, struct itimerval *old)
{
    struct itimerval own;
    int result = (int)told(SYS_setitimer, which, LONG(new), LONG(&own), 0, &own, sizeof own, sizeof own, false);
    if (old != NULL && result == 0) {
        *old = own;
    }
    return result;
}

static int noted_getitimer(int which, struct itimerval *now)
{
    return (int)told(SYS_getitimer, which, LONG(now), 0, 0, now, sizeof *now, sizeof *now, false);
}

static unsigned noted_alarm(unsigned seconds)
{
    struct itimerval new = {{0, 0}, {(time_t)seconds, 0}}, old = {{0, 0}, {0, 0}};
    if (noted_setitimer(ITIMER_REAL, &new, &old) < 0) {
        return 0;
    }
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec >= 500000 || (old.it_value.tv_sec == 0 && old.it_value.tv_usec > 0));
}

static int noted_getrusage(int who, struct rusage *usage)
{
    return (int)told(SYS_getrusage, who, LONG(usage), 0, 0, usage, sizeof *usage, sizeof *usage, false);
}

static int noted_sysinfo(struct sysinfo *system)
{
    return (int)told(SYS_sysinfo, LONG(system), 0, 0, 0, system, sizeof *system, sizeof *system, false);
}

static clock_t noted_times(struct tms *spent)
{
    struct tms own;
    long result = told(SYS_times, LONG(&own), 0, 0, 0, &own, sizeof own, sizeof own, false);
    if (spent != NULL) {
        *spent = own;
    }
    return result;
}

/* Only when it is interrupted anybody has to know: else the time has passed. */
static int noted_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    int64_t result, call = this_call(SYS_clock_nanosleep);
    if (given_again(call, &result, left, left != NULL ? sizeof *left : 0)) {
        return (int)-result;
    }
    if (left != NULL && left != time) {
        *left = *time; /* where it is interrupted at once */
    }
    long done = waiting_call(SYS_clock_nanosleep, clock, flags, LONG(time), LONG(left), 0, 0);
    if (done < 0) {
        int error = errno;
        note_call(call, -error, left, left != NULL ? sizeof *left : 0);
        return error;
    }
    return 0;
}

static int noted_nanosleep(const struct timespec *time, struct timespec *left)
{
    int error = noted_clock_nanosleep(CLOCK_REALTIME, 0, time, left);
    errno = error != 0 ? error : errno;
    return error != 0 ? -1 : 0;
}

static int noted_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit)
{
    siginfo_t own;
    int found = (int)told_later(SYS_rt_sigtimedwait, LONG(set), LONG(&own), LONG(limit), 8, &own, sizeof own);
    if (found >= 0 && info != NULL) {
        *info = own;
    }
    return found;
}

static int noted_pause(void) { return (int)told_later(SYS_ppoll, 0, 0, 0, 0, NULL, 0); }

static const struct Replaced replaced_of_signals[] = {
    {"sigaction", (void *)noted_sigaction}, {"kill", (void *)noted_kill}, {"sigpending", (void *)noted_sigpending},
    {"setitimer", (void *)noted_setitimer}, {"getitimer", (void *)noted_getitimer}, {"alarm", (void *)noted_alarm},
    {"getrusage", (void *)noted_getrusage}, {"times", (void *)noted_times},
    {"sysinfo", (void *)noted_sysinfo}, {"clock_nanosleep", (void *)noted_clock_nanosleep},
    {"nanosleep", (void *)noted_nanosleep}, {"sigtimedwait", (void *)noted_sigtimedwait}, {"pause", (void *)noted_pause},
};
