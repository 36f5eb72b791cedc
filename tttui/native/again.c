/* The program run again from the start, when its processes are gone: what a copy is to the program at one
 * event, this process is from the first one on. It gets the recorded inputs, its effects are held back, it
 * is compared with the recording; and on the way it makes copies of itself, as the program did. */
#include "recorder.h"
#include "checkpoint.h"

#include <sys/resource.h>

/* How often it looks whether a copy is due, in events. */
#define LOOK_EVENTS 64

/* The next piece of the recorded stream: it comes with a part of the one after it, so that no event is cut. */
static bool take_piece(const Message *message, int fds[MOST_FDS])
{
    if (verified.length > 0) {
        own_call(SYS_munmap, verified.bytes, verified.length);
        verified.length = 0;
    }
    again.more_at = message->d;
    again.unnoted = message->flags & UNNOTED;
    const uint8_t *at = inputs.at, *end = inputs.end;
    bool taken = take_stream(message, fds[0], fds[1]);
    if (again.inputs == NULL) {
        again.inputs = inputs.at;
        again.inputs_length = message->c;
    }
    else {
        inputs.at = at; /* it has them all */
        inputs.end = end;
    }
    close_all(fds);
    return taken && verified.length > 0;
}

/* What there is to know before it runs on: files as they were, and what was recorded. */
static bool be_told(void)
{
    static char text[MESSAGE_TEXT + 1];
    Message message;
    int fds[MOST_FDS];
    while (receive_command(&message, text, fds) >= 0) {
        if (message.kind == WANTS_FILE) {
            hold_file(AT_FDCWD, text, fds[0]);
        }
        else if (message.kind == WANTS_RUN) {
            return take_piece(&message, fds);
        }
        else {
            close_all(fds);
        }
    }
    return false;
}

/* At the end of start(): from here on this is no program any more, but a copy of one that was. */
static void begin_again(void)
{
    copied.parent = (int)own_call(SYS_getppid);
    block_all(&copied.mask);
    memcpy(&header_kept, R.ring, sizeof header_kept);
    keep_offsets();
    R.copy = true;
    inputs.noting = false;
    if (!leave_ring() || !report_to(again.socket)) {
        leave_copy(1);
    }
    end_with_parent();
    own_call(SYS_setsid);
    if (!let_go_of_descriptors(true)) {
        leave_copy(1);
    }
    own_call(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
    uint64_t none[4] = {0, 0, 0, 0};
    if (!send_message(SAYS_HELLO, 0, none, R.ring->hash_secret, sizeof R.ring->hash_secret) || !be_told()) {
        leave_copy(1);
    }
    copied.program = again.program;
    copied.group = again.group;
    copied.session = again.session;
    again.running = true;
    if (!hold_back(false)) {
        give_up(NO_SECCOMP);
    }
    R.verifying = true;
    R.last_ticks = 0;
    R.next_checkpoint = 0;
    end_when_unwanted(true);
    set_mask(&copied.mask);
}

/* Whether something is to be done at the end of this event; asked where it is compared. */
static bool due_again(void)
{
    return again.running && (R.head >= again.more_at || (R.events % LOOK_EVENTS <= 1 && clock_ns(CLOCK_MONOTONIC) >= R.next_checkpoint));
}

/* A copy, as take_checkpoint() makes one of the program. */
static void copy_again(uint32_t flags, uint64_t now, long faults)
{
    copied.flags = flags;
    copied.remarks[0] = 0;
    policy.began = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    long pid = clone_and_wait();
    if (pid == 0) {
        again.running = false;
        R.next_checkpoint = UINT64_MAX;
        own_call(SYS_munmap, again.inputs, again.inputs_length);
        serve_for_itself(clock_ns(CLOCK_MONOTONIC) - now, (uint64_t)(faults - policy.faults));
        return;
    }
    note_taken(now, pid, 0);
}

/* At the end of an event. */
static void attend_again(uint8_t event)
{
    R.attention = false;
    R.inside = true;
    bool over = R.events > verified.target;
    if (verified.differs) {
        end_when_unwanted(false);
        say_differs();
        leave_copy(0);
    }
    end_when_unwanted(false);
    block_all(&copied.mask);
    if (event == EV_LINE || event == EV_RAISE || policy.last == 0 || over) {
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        long faults = page_faults();
        if (over || is_due(event, now, faults, memory_now())) {
            copy_again(event == EV_RAISE ? AT_RAISE : 0, now, faults);
        }
    }
    if (again.running && over) {
        say_arrived();
        serve(); /* until nobody wants anything any more */
    }
    if (again.running && R.head >= again.more_at) {
        uint64_t numbers[4] = {R.head, copied.inputs, 0, 0};
        send_message(SAYS_MORE, 0, numbers, "", 0);
        if (!be_told()) {
            leave_copy(1);
        }
    }
    if (again.running) {
        R.verifying = true;
        end_when_unwanted(true);
        set_mask(&copied.mask);
    }
    R.inside = false;
}
