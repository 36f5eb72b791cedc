/* When a copy of the program is due: by what the last ones cost, and by what may be the last moment for one. */
#include "recorder.h"
#include "checkpoint.h"

#include <sys/resource.h>

/* Copies are made so rarely that making them, and the copying of pages that the program writes to
 * afterwards, takes at most a twentieth of the program's processor time (on a busy machine much more goes by on the
 * clock), and this much in advance. That counts all pages that the program may yet write to: at its end it writes to
 * each, to give its objects back. Those at exceptions that nobody seems to catch, and where threads have ended,
 * have a twentieth of their own, and more in advance: there may be but one moment for them. */
#define SHARE 20
#define ADVANCE 10000000ULL
#define ADVANCE_APART 50000000ULL
#define LEAST_WAIT_NS 1000000ULL  /* before it is worked out again                                    */
#define LOOK_NS 500000000ULL      /* between copies that can only be looked at                        */
#define THREADS_NS 1000000ULL     /* to see whether threads have ended                              */
#define ENDING_NS 1000000000ULL   /* at most that they take for it, once Python is done with them    */
#define AFTER_THREADS_NS 10000000ULL /* where they have, but a copy costs too much                  */
#define LOOK_AGAIN_NS 1000000000ULL /* what the next one may cost can become less                       */
#define FAULT_NS 3000             /* what one page costs to copy (in a virtual machine, measured)   */
#define HANDLED_SOON 16           /* events in which the function for a signal is mostly called      */
#define LARGEST_PROGRAM (2ULL << 30)

static long page_faults(void)
{
    struct rusage usage;
    return own_call(SYS_getrusage, RUSAGE_SELF, &usage) == 0 ? usage.ru_minflt : 0;
}

typedef struct {
    uint64_t resident; /* bytes of memory that it has,                                          */
    uint64_t own;      /* and of those that are no file's: a page of them that is written to is copied */
} Memory;

static Memory memory_now(void)
{
    char text[128];
    int fd = (int)own_call(SYS_openat, AT_FDCWD, "/proc/self/statm", O_RDONLY | O_CLOEXEC, 0);
    long got = fd >= 0 ? own_call(SYS_read, fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        own_call(SYS_close, fd);
    }
    text[got > 0 ? got : 0] = 0;
    char *at = strchr(text, ' '); /* behind the size of all that is mapped */
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t resident = at != NULL ? strtoull(at, &at, 10) : 0, shared = at != NULL ? strtoull(at, NULL, 10) : 0;
    return (Memory){resident * page, (resident > shared ? resident - shared : 0) * page};
}

static void not_now(int reason, uint64_t again)
{
    R.ring->checkpoints_not[reason]++;
    R.next_checkpoint = again;
}

/* How many pages the program had to copy since the last copy was made: its page faults, but for those that
 * gave it pages it hadn't had before. One that takes memory and gives it back again and again has many of those, too; it
 * copies no page twice. */
static uint64_t copied_pages(long faults, uint64_t resident)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), all = (uint64_t)(faults - policy.faults), shared = policy.own / page;
    uint64_t fresh = resident > policy.resident ? (resident - policy.resident) / page : 0;
    uint64_t copied = all > fresh ? all - fresh : 0;
    return copied < shared ? copied : shared;
}

/* Until the program has had this much more of the processor: at least as long as that. */
static void wait_for(uint64_t processor_ns, uint64_t now)
{
    uint64_t wait = processor_ns < LOOK_AGAIN_NS ? processor_ns : LOOK_AGAIN_NS;
    R.next_checkpoint = now + (wait > LEAST_WAIT_NS ? wait : LEAST_WAIT_NS);
}

/* Whether a copy is due: unless what the last ones cost, or this one may, says that it isn't yet. */
static bool is_due(uint8_t event, uint64_t now, long faults, Memory memory)
{
    uint64_t cost = policy.fork_ns + copied_pages(faults, memory.resident) * FAULT_NS, used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    bool threads_ended = policy.threads_made != threads_made() && python_threads() == 1; /* copies made before don't come to here */
    if (event == EV_RAISE || (threads_ended && policy.last != 0)) {
        if (policy.apart_ns == 0 || policy.apart_ns <= used / SHARE + ADVANCE_APART) {
            policy.apart_ns += cost;
            return true;
        }
        if (event == EV_RAISE) {
            return false;
        }
    }
    if (policy.last == 0) {
        return true;
    }
    uint64_t since = used - policy.used;
    if (since < policy.least_ns && now - policy.last < SHARE * policy.least_ns && python_threads() == 1) {
        wait_for(policy.least_ns - since, now); /* where it mostly waits, moments are near whatever the time */
        return false;
    }
    if (since < SHARE * cost) {
        wait_for(SHARE * cost - since, now);
        return false;
    }
    uint64_t all = policy.spent_ns + cost + memory.own / (uint64_t)sysconf(_SC_PAGESIZE) * FAULT_NS;
    if (all > used / SHARE + ADVANCE && !again.running) { /* of a program that is run again it is the copies that are wanted */
        wait_for(SHARE * (all - ADVANCE) - used, now);
        return false;
    }
    policy.spent_ns += cost;
    return true;
}

/* Python forgets a thread a little before it ends; until then it is one that a copy would wait for for ever. One that is still
 * there much later is none of Python's. */
static bool threads_are_ending(uint64_t now)
{
    if (policy.threads_made == threads_made() || all_threads() <= policy.threads_alone) {
        policy.ending = 0;
        return false;
    }
    policy.ending = policy.ending != 0 ? policy.ending : now;
    return now - policy.ending < ENDING_NS;
}

/* Whether an exception raised in this frame seems to be caught by no Python code on the stack: no frame
 * stands in a block that has a handler, be it only for cleaning up. */
static bool seems_uncaught(Frame *frame)
{
    for (int depth = 0; frame != NULL && depth < 200; frame = frame->previous, depth++) {
        PyCodeObject *code = frame_is_shim(frame) ? NULL : frame_code(frame);
        if (code == NULL || PyBytes_GET_SIZE(code->co_exceptiontable) == 0) {
            continue;
        }
        const uint8_t *at = (const uint8_t *)PyBytes_AS_STRING(code->co_exceptiontable);
        const uint8_t *end = at + PyBytes_GET_SIZE(code->co_exceptiontable);
        int lasti = frame_lasti(frame, code);
        while (at < end) { /* start, length, target, depth: Objects/exception_handling_notes.txt */
            int numbers[4];
            for (int i = 0; i < 4; i++) {
                int value = at < end ? *at & 63 : 0;
                while (at < end && (*at & 64)) {
                    at++;
                    value = value << 6 | (at < end ? *at & 63 : 0);
                }
                at++;
                numbers[i] = value;
            }
            if (lasti >= numbers[0] && lasti < numbers[0] + numbers[1]) {
                return false;
            }
        }
    }
    return true;
}
