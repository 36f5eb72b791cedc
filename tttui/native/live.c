/* The program itself, while it stops: it waits for whoever looks around, and carries out what they want done
 * in it. That is noted as an input at this event, so a copy that comes by does the same at the same place. */
#include "recorder.h"
#include "checkpoint.h"

/* What was done to the program from outside: find what it changed, and note the line once more, as it stands now. */
static void note_changes(PyThreadState *state)
{
    uint64_t due = R.next_checkpoint;
    R.next_checkpoint = UINT64_MAX; /* not amid this */
    R.inside = false;
    Thread *thread = begin_event(state, false);
    if (thread != NULL) {
        publish();
        state_changes();
        if (thread->top != NULL && begin_write()) {
            put_time();
            put_byte(EV_LINE_SHORT + 64);
            end_event(EV_LINE);
        }
    }
    R.inside = true;
    R.next_checkpoint = due;
}

/* In the program, and again in its copies. NULL with an exception where it could not be evaluated at all. */
static PyObject *carry_out_live(uint64_t frame, const char *text, size_t source, size_t length)
{
    PyThreadState *state = current_thread();
    Aside aside = step_aside();
    PyObject *answer = evaluate_in_frame(frame, text, source, length, true);
    PyObject *error[3];
    PyErr_Fetch(&error[0], &error[1], &error[2]);
    step_back(&aside);
    PyErr_Fetch(&aside.exception[0], &aside.exception[1], &aside.exception[2]);
    note_changes(state);
    PyErr_Restore(aside.exception[0], aside.exception[1], aside.exception[2]);
    if (answer == NULL) {
        PyErr_Clear();
        PyErr_Restore(error[0], error[1], error[2]);
    }
    return answer;
}

/* ---- in a copy ---- */

/* Where the program had stopped: what was done to it there. */
static void replay_live(void)
{
    InputHead head;
    const uint8_t *data;
    size_t length;
    while (!inputs.another && next_is_live(&head, &data, &length)) {
        PyObject *kept[3];
        PyErr_Fetch(&kept[0], &kept[1], &kept[2]);
        PyObject *answer = carry_out_live((uint64_t)head.result, (const char *)data, (size_t)head.which, length);
        Py_XDECREF(answer);
        PyErr_Clear();
        PyErr_Restore(kept[0], kept[1], kept[2]);
        R.inside = true;
    }
}

/* ---- in the program ---- */

static void connect_live(void)
{
    uint64_t numbers[4] = {R.head, copied.inputs, 0, 0};
    if (policy.socket[0] == 0 || !report_to(policy.socket) || !send_message(SAYS_HELLO, LIVE, numbers, stop_remark, strlen(stop_remark))) {
        own_call(SYS_close, copied.control);
        copied.control = -1;
    }
}

static void disconnect_live(void)
{
    if (copied.control >= 0) {
        own_call(SYS_close, copied.control);
        copied.control = -1;
    }
}

/* With several threads a copy is to be looked at alone (take_checkpoint() says so). */
static bool can_be_copied(void)
{
    return policy.socket[0] != 0 && own_call(SYS_getpid) == copied.program &&
           (own_call(SYS_gettid) == copied.program || python_threads() > 1);
}

/* One command, if there is one within a moment; false where this is a copy by now. */
static bool serve_live(uint64_t *mask)
{
    static char text[MESSAGE_TEXT + 1];
    struct { int fd; short events, revents; } state = {copied.control, 1 /* POLLIN */, 0};
    struct timespec moment = {0, 2000000};
    if (own_call(SYS_ppoll, &state, 1, &moment, NULL, 8) <= 0) {
        return true;
    }
    Message message;
    int fds[MOST_FDS];
    long length = receive_command(&message, text, fds);
    if (length < 0) {
        disconnect_live();
        return true;
    }
    if (message.kind == WANTS_EVALUATE && (message.flags & IN_PROGRAM) && fds[0] >= 0 && message.b < (uint64_t)length) {
        note_live(message.a, message.b, text, (size_t)length);
        set_mask(mask); /* Ctrl-C ends what is carried out here */
        PyObject *answer = carry_out_live(message.a, text, message.b, (size_t)length);
        block_all(mask);
        int control = copied.control;
        copied.control = -1;
        if (can_be_copied()) {
            take_checkpoint(AT_STOP, clock_ns(CLOCK_MONOTONIC), page_faults());
            if (R.copy) {
                Py_XDECREF(answer);
                PyErr_Clear();
                return false;
            }
        }
        copied.control = fds[0];
        send_answer(answer);
        Py_XDECREF(answer);
        copied.control = control;
    }
    close_all(fds);
    return true;
}

/* Where the program was to stop: a copy is made, and the program waits until it is told to go on, or nobody
 * is there any more who could. */
static void wait_here(void)
{
    uint64_t mask, at = R.events, interrupt = 1ULL << (SIGINT - 1);
    if (can_be_copied()) {
        take_checkpoint(AT_STOP, clock_ns(CLOCK_MONOTONIC), page_faults());
        if (R.copy) {
            replay_live();
            return;
        }
    }
    PyObject *kept[3];
    PyErr_Fetch(&kept[0], &kept[1], &kept[2]);
    RingHeader *ring = R.ring;
    struct timespec none = {0, 0}, pause = {0, 2000000};
    block_all(&mask);
    connect_live();
    __atomic_store_n(&ring->paused, at, __ATOMIC_RELEASE);
    for (;;) {
        uint64_t resumed = __atomic_load_n(&ring->resumed, __ATOMIC_ACQUIRE);
        stops_over = resumed == UINT64_MAX;
        if (resumed == at || stops_over || own_call(SYS_getppid) != copied.parent) {
            break;
        }
        if (copied.control < 0) {
            own_call(SYS_nanosleep, &pause, NULL);
        }
        else if (!serve_live(&mask)) {
            PyErr_Restore(kept[0], kept[1], kept[2]);
            replay_live();
            return;
        }
    }
    disconnect_live();
    PyErr_Restore(kept[0], kept[1], kept[2]);
    own_call(SYS_rt_sigtimedwait, &interrupt, NULL, &none, sizeof interrupt); /* it was meant for whoever looked around */
    set_mask(&mask);
    policy.last = clock_ns(CLOCK_MONOTONIC);
}
