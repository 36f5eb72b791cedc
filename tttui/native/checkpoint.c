/* Checkpoints: making copies of the program, and what becomes of one that runs forward. */
#include "recorder.h"
#include "checkpoint.h"

/* A copy was begun to be made at `now`, and this is what became of it; the program waited while the copy was at work for `copy_ns`. */
static void note_taken(uint64_t now, long pid, uint64_t copy_ns)
{
    uint64_t after = clock_ns(CLOCK_MONOTONIC);
    policy.last = after;
    policy.used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (python_threads() == 1) {
        policy.threads_made = threads_made();
        policy.threads_alone = policy.threads;
    }
    policy.fork_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - policy.began + copy_ns; /* without waiting for a busy processor */
    policy.faults = page_faults();
    Memory memory = memory_now();
    policy.resident = memory.resident;
    policy.own = memory.own;
    if (pid < 0) {
        policy.fork_ns *= 50;
        not_now(NOT_CLONED, after + 1000000000ULL);
        return;
    }
    R.ring->checkpoints++;
    R.ring->checkpoint_ns += after - now;
    uint64_t pause = SHARE * policy.fork_ns;
    R.next_checkpoint = after + (pause > policy.least_ns ? pause : policy.least_ns);
}

static void take_checkpoint(uint32_t flags, uint64_t now, long faults)
{
    memcpy(&header_kept, R.ring, sizeof header_kept);
    copied.flags = flags;
    copied.remarks[0] = 0;
    copied.thread = (int)own_call(SYS_gettid);
    policy.threads = all_threads();
    remark_threads();
    policy.began = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    bool shares = keep_offsets();
    inputs.noting = inputs.bytes <= MOST_INPUTS;
    block_all(&copied.mask);
    if (inputs.late_signals != 0) {
        set_mask(&copied.mask); /* as in consider_checkpoint() */
        return;
    }
    keep_shared_memory();
    R.ring->copy_let_go = 0;
    long pid = call_clone();
    if (pid == 0) {
        uint64_t numbers[4] = {R.head, copied.inputs, clock_ns(CLOCK_MONOTONIC) - now, (uint64_t)(faults - policy.faults)};
        become_copy(policy.socket);
        if (!send_message(SAYS_HELLO, copied.flags, numbers, copied.remarks, strlen(copied.remarks))) {
            leave_copy(1);
        }
        serve_and_run();
        return;
    }
    shares |= kept_count > 0;
    forget_shared_memory();
    uint64_t copy_ns = pid > 0 && shares ? wait_for_copy(pid) : 0;
    set_mask(&copied.mask);
    note_taken(now, pid, copy_ns);
}

static void consider_checkpoint(uint8_t event)
{
    if (inputs.unhandled != 0 && R.events <= inputs.unhandled_since + HANDLED_SOON) {
        return; /* a copy would call the signal's function as soon as it runs, not where the program did */
    }
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    bool alone = python_threads() == 1;
    if (event != EV_RAISE && (alone ? threads_are_ending(now) : now < policy.last_look + LOOK_NS)) {
        not_now(NOT_THREADS, now + THREADS_NS); /* with threads each is good for one event alone */
        return;
    }
    long faults = page_faults();
    Memory memory = memory_now();
    if (memory.resident > LARGEST_PROGRAM) {
        not_now(NOT_MEMORY, now + 1000000000ULL);
        return;
    }
    if (!is_due(event, now, faults, memory)) {
        uint64_t look = now + (python_threads() > 1 ? THREADS_NS : AFTER_THREADS_NS);
        if (policy.threads_made != threads_made() && R.next_checkpoint > look) {
            R.next_checkpoint = look;
        }
        return;
    }
    if (R.ring->checkpoints_off || R.ring->stop) {
        not_now(NOT_WANTED, now + 100000000ULL);
    }
    else if (own_call(SYS_getppid) != copied.parent || own_call(SYS_getpid) != copied.program) {
        not_now(NOT_PARENT, UINT64_MAX);
    }
    else if (own_call(SYS_gettid) != copied.program && python_threads() == 1) {
        not_now(NOT_MAIN_THREAD, now + 10000000ULL);
    }
    else {
        policy.last_look = python_threads() > 1 ? now : policy.last_look;
        take_checkpoint(event == EV_RAISE ? AT_RAISE : 0, now, faults);
    }
}

static void say_differs(void)
{
    static char text[MESSAGE_TEXT];
    tell_signal();
    size_t length = verified.produced_length < sizeof text - sizeof suspects.text ? verified.produced_length : 0;
    uint64_t numbers[4] = {verified.event_start, verified.different_at, length, 0};
    memcpy(text, verified.produced, length);
    memcpy(text + length, suspects.text, suspects.used);
    send_message(SAYS_DIFFERS, 0, numbers, text, length + suspects.used);
}

/* The copy is where it was to be, or isn't like the program any more: say so, and wait for what is wanted next. */
static void arrive(void)
{
    R.verifying = false;
    end_when_unwanted(false);
    block_all(&copied.mask);
    if (verified.differs) {
        say_differs();
    }
    else {
        say_arrived();
    }
    way.look_at = UINT64_MAX;
    own_call(SYS_munmap, verified.bytes, verified.length); /* else what others gave stays in memory for its sake */
    verified.length = 0;
    serve_and_run();
}

static void attend_again(uint8_t event);

/* Nothing is to be done at the end of the next event, unless a signal has come or its function is yet to be called; one
 * may come at any time. */
static void rest(void)
{
    R.attention = false;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if ((inputs.late_signals | inputs.unhandled) != 0 || breakpoint_called != NULL) {
        R.attention = true;
    }
}

/* At the end of an event, the recorder at rest. */
static void attend(uint8_t event)
{
    if (inputs.another && stop_count > 0) {
        end_at_stop(event);
        return;
    }
    bool stops = false;
    if (UNLIKELY(stop_wanted || breakpoint_called != NULL)) {
        R.inside = true;
        stops = (stop_wanted && event == EV_LINE && is_to_stop()) || is_after_breakpoint(event);
        stop_wanted = false;
        R.inside = false;
    }
    if (R.copy) {
        bool arrived = verified.differs || (R.verifying && R.events > verified.target);
        R.attention = false;
        if (UNLIKELY(threads.missing)) {
            R.inside = true;
            get_along_without_threads(!effects.let_out, false);
            R.inside = false;
        }
        if (!arrived && UNLIKELY(way.look_at != UINT64_MAX) && !stops && leave_one(event)) {
            R.attention |= breakpoint_called != NULL;
            return;
        }
        if (!arrived && R.events >= verified.signal_due) {
            take_signals();
        }
        else if (again.running) {
            attend_again(event);
        }
        R.inside = true;
        if (arrived && !again.running) {
            arrive();
        }
        if (stops) {
            replay_live(); /* a copy goes on where the program had stopped */
        }
        R.inside = false;
        R.attention |= breakpoint_called != NULL;
        return;
    }
    if (UNLIKELY((inputs.late_signals | inputs.unhandled) != 0)) {
        note_signals_handled(event);
        if (!stops && clock_ns(CLOCK_MONOTONIC) < R.next_checkpoint) {
            rest();
            return;
        }
    }
    if (UNLIKELY(stops)) {
        rest();
        R.inside = true;
        wait_here();
        R.inside = false;
    }
    else if (R.next_checkpoint == UINT64_MAX) {
        rest();
    }
    else if (event == EV_LINE || event == EV_RAISE || policy.last == 0) {
        rest();
        R.inside = true;
        consider_checkpoint(event);
        R.inside = false;
    }
    R.attention |= breakpoint_called != NULL || inputs.late_signals != 0;
}

static void prepare_checkpoints(void)
{
    R.next_checkpoint = UINT64_MAX;
    inputs.noting = false;
    watch_waits();
    if (policy.socket[0] != 0) {
        copied.parent = (int)own_call(SYS_getppid);
        copied.program = (int)own_call(SYS_getpid);
        policy.last = policy.spent_ns = policy.apart_ns = 0;
        policy.threads_made = threads_made();
        policy.threads_alone = all_threads();
        policy.faults = page_faults();
        R.next_checkpoint = 0;
        watch_inputs();
    }
}
