/* Copies of a process that itself runs forward: they stay where it was then. One that goes through a whole gap between
 * two copies once has left others in it as close together as is wanted. */
#include "recorder.h"
#include "checkpoint.h"

#define LOOK_TICKS (1 << 20)          /* some 0.3-1 ms                                               */
#define FARTHEST_NS 400000000ULL      /* however little room there is: what has no room goes again   */

static int gate[2];

/* Copy this process. The copy begins in the state that this one is in, files in memory and all: so this one waits until that one
 * has taken its own of everything. */
static long clone_and_wait(void)
{
    if (own_call(SYS_pipe2, gate, O_CLOEXEC) != 0) {
        return -1;
    }
    gate[0] = move_away(gate[0]);
    gate[1] = move_away(gate[1]);
    long pid = call_clone();
    if (pid == 0) {
        own_call(SYS_close, gate[0]);
        copied.spared[0] = gate[1] + 1;
        return 0;
    }
    own_call(SYS_close, gate[1]);
    char nothing;
    while (own_call(SYS_read, gate[0], &nothing, 1) == -EINTR) {
    }
    own_call(SYS_close, gate[0]);
    return pid;
}

/* In that copy: from now on it is one of those that are kept. It comes back as another that runs forward from here. */
static void serve_for_itself(uint64_t took_ns, uint64_t faults)
{
    int old = copied.control;
    end_with_parent();
    own_call(SYS_setsid);
    if (!report_to(policy.socket)) {
        leave_copy(1);
    }
    own_call(SYS_close, old);
    if (!let_go_of_descriptors(false) || !take_own_files()) {
        leave_copy(1);
    }
    own_call(SYS_munmap, verified.bytes, verified.length);
    verified.length = 0;
    inputs.at = inputs.end = NULL;
    copied.spared[0] = 0;
    uint64_t numbers[4] = {R.head, copied.inputs, took_ns, faults};
    if (!send_message(SAYS_HELLO, copied.flags, numbers, copied.remarks, strlen(copied.remarks))) {
        leave_copy(1);
    }
    own_call(SYS_close, gate[1]);
    serve_and_run();
}

/* A copy is to run forward: as `message` says, it leaves others on its way or none. */
static void begin_way(const Message *message)
{
    way.look_at = message->flags > 0 ? 0 : UINT64_MAX;
    way.every_ns = message->flags * 1000000ULL;
    way.room = message->d;
    way.taken = 0;
    way.used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    way.faults = page_faults();
    way.fork_ns = 0;
}

/* Whether there is room for that many bytes more. Whoever keeps the copies lets go of others where there isn't; from then on
 * they are left farther apart, too. */
static bool is_room_for(uint64_t bytes)
{
    if (way.taken + bytes > way.room) {
        way.every_ns = way.every_ns < FARTHEST_NS ? way.every_ns * 2 : way.every_ns;
        way.taken /= 2;
    }
    return way.taken + bytes <= way.room;
}

/* At the end of an event: leave a copy here if one is due. Whether this process is such a one, or one that was made of it: what
 * is due at this event is done then. */
static bool leave_one(uint8_t event)
{
    uint64_t now = ticks();
    if (now < way.look_at || event != EV_LINE || awaited.number != 0 || awaited.handling) {
        return false;
    }
    way.look_at = now + LOOK_TICKS;
    long faults = page_faults();
    uint64_t used = clock_ns(CLOCK_PROCESS_CPUTIME_ID), bytes = (uint64_t)(faults - way.faults) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t copying = way.fork_ns + (uint64_t)(faults - way.faults) * FAULT_NS; /* no more than half of the time goes into that */
    if (used - way.used < way.every_ns || used - way.used < 2 * copying || !is_room_for(bytes)) {
        return false;
    }
    R.inside = true;
    block_all(&copied.mask);
    long pid = clone_and_wait();
    if (pid == 0) {
        way.look_at = UINT64_MAX;
        own_call(SYS_munmap, way.inputs, way.inputs_length);
        copied.flags = ADOPTED;
        R.verifying = false;
        serve_for_itself(used - way.used, (uint64_t)(faults - way.faults));
        R.inside = false;
        return true;
    }
    set_mask(&copied.mask);
    R.inside = false;
    if (pid > 0) {
        way.taken += bytes;
    }
    way.used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    way.faults = page_faults();
    way.fork_ns = way.used - used;
    return false;
}
