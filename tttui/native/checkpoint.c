/* Checkpoints: when a copy of the program is made, and what a copy does when it is asked. */
#include "recorder.h"
#include "checkpoint.h"

#include <frameobject.h>
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

/* ---- a copy at work ---- */

static void end_at_stop(uint8_t event);
static bool watch_exit(void);
static void let_effects_out(const int terminal[3]);
static void wait_here(void);
static void replay_live(void);
static void begin_way(const Message *message);
static bool leave_one(uint8_t event);

#define MOST_FDS 4

/* A command, and up to MOST_FDS descriptors; the length of its text, or -1 when nobody wants anything any more. */
static long receive_command(Message *message, char *text, int fds[MOST_FDS])
{
    union {
        char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
        struct cmsghdr align;
    } room;
    struct iovec pieces[2] = {{message, sizeof *message}, {text, MESSAGE_TEXT}};
    struct msghdr header = {.msg_iov = pieces, .msg_iovlen = 2, .msg_control = &room, .msg_controllen = sizeof room};
    long got;
    do {
        got = own_call(SYS_recvmsg, copied.control, &header, MSG_CMSG_CLOEXEC);
    } while (got == -EINTR);
    for (int i = 0; i < MOST_FDS; i++) {
        fds[i] = -1;
    }
    if (got < (long)sizeof *message) {
        return -1;
    }
    struct cmsghdr *part = CMSG_FIRSTHDR(&header);
    if (part != NULL && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count && i < MOST_FDS; i++) {
            memcpy(&fds[i], CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            fds[i] = move_away(fds[i]);
        }
    }
    text[got - (long)sizeof *message] = 0;
    return got - (long)sizeof *message;
}

/* While it runs, anything that comes over the socket, its end above all, means that nobody waits for
 * the answer any more. */
static void end_when_unwanted(bool wanted)
{
    int flags = (int)own_call(SYS_fcntl, copied.control, F_GETFL, 0);
    own_call(SYS_fcntl, copied.control, F_SETOWN, own_call(SYS_getpid));
    own_call(SYS_fcntl, copied.control, 10 /* F_SETSIG */, SIGKILL);
    own_call(SYS_fcntl, copied.control, F_SETFL, wanted ? flags | O_ASYNC : flags & ~O_ASYNC);
    struct { int fd; short events, revents; } state = {copied.control, 0, 0};
    struct timespec now = {0, 0};
    if (wanted && own_call(SYS_ppoll, &state, 1, &now, NULL, 8) > 0) {
        leave_copy(0); /* it ended before */
    }
}

static void tell_memory(void)
{
    static char text[4096];
    uint64_t began = clock_ns(CLOCK_MONOTONIC);
    int fd = (int)own_call(SYS_openat, AT_FDCWD, "/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC, 0);
    long got = fd >= 0 ? own_call(SYS_read, fd, text, sizeof text - 1) : 0;
    if (fd >= 0) {
        own_call(SYS_close, fd);
    }
    text[got > 0 ? got : 0] = 0;
    uint64_t numbers[4] = {0, 0, 0, 0};
    static const char *const names[] = {"\nPss:", "\nPrivate_Dirty:"};
    for (int i = 0; i < 2; i++) {
        const char *line = strstr(text, names[i]);
        numbers[i] = line != NULL ? strtoull(line + strlen(names[i]), NULL, 10) * 1024 : 0;
    }
    numbers[2] = clock_ns(CLOCK_MONOTONIC) - began;
    send_message(SAYS_MEMORY, 0, numbers, "", 0);
}

/* The frame of recorded code number `index`, from the innermost outwards; a new reference or NULL. */
static PyFrameObject *recorded_frame(uint64_t index)
{
    PyFrameObject *frame = PyThreadState_GetFrame(current_thread());
    while (frame != NULL) {
        PyCodeObject *code = PyFrame_GetCode(frame);
        PyObject *globals = PyFrame_GetGlobals(frame);
        bool recorded = code_info(code, globals)->recorded;
        Py_DECREF(globals);
        Py_DECREF(code);
        if (recorded && index-- == 0) {
            break;
        }
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    return frame;
}

/* One more field of an answer, in the form that inside.py's have. */
static size_t put_field(char *fields, size_t used, const char *name, const void *content, size_t length)
{
    if (length > 0) {
        size_t head = strlen(name);
        memcpy(fields + used, name, head);
        fields[used + head] = ' ';
        char *end = put_decimal(fields + used + head + 1, length);
        *end++ = '\n';
        memcpy(end, content, length);
        used = (size_t)(end - fields) + length;
    }
    return used;
}

/* Evaluate in a frame, by the function `answer` of inside.py, with whose source the text begins: its answer,
 * or NULL with an exception. */
static PyObject *evaluate_in_frame(uint64_t index, const char *text, size_t source_length, size_t length, bool keep)
{
    PyObject *answer = NULL;
    PyFrameObject *frame = recorded_frame(index);
    PyObject *space = PyDict_New();
    if (frame == NULL) {
        PyErr_SetString(PyExc_LookupError, "there is no such frame");
    }
    else if (space != NULL && source_length < length && PyDict_SetItemString(space, "__builtins__", R.builtins) == 0) {
        char *source = PyMem_Malloc(source_length + 1);
        PyObject *code = NULL, *done = NULL;
        if (source != NULL) {
            memcpy(source, text, source_length);
            source[source_length] = 0;
            code = Py_CompileString(source, "<tttui>", Py_file_input);
            PyMem_Free(source);
        }
        done = code != NULL ? PyEval_EvalCode(code, space, space) : NULL;
        PyObject *function = done != NULL ? PyDict_GetItemString(space, "answer") : NULL;
        if (function != NULL) {
            answer = PyObject_CallFunction(function, "Oy#", frame, text + source_length, (Py_ssize_t)(length - source_length));
        }
        Py_XDECREF(code);
        Py_XDECREF(done);
#if PY_VERSION_HEX < 0x030d0000
        if (keep) {
            PyFrame_LocalsToFast(frame, 1);
        }
#else
        (void)keep;
#endif
    }
    Py_XDECREF(space);
    Py_XDECREF((PyObject *)frame);
    return answer;
}

/* Say what came out; or, where nothing did, why. */
static void send_answer(PyObject *answer)
{
    if (answer != NULL && PyBytes_Check(answer)) {
        static char fields[MESSAGE_TEXT];
        size_t used = 0;
        used = put_field(fields, used, "held", effects.refused, strlen(effects.refused));
        used = put_field(fields, used, "written", effects.output, effects.output_length);
        size_t length = (size_t)PyBytes_GET_SIZE(answer);
        if (used + length <= sizeof fields) {
            memcpy(fields + used, PyBytes_AS_STRING(answer), length);
            used += length;
        }
        send_message(SAYS_RESULT, 0, NULL, fields, used);
    }
    else {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyObject *described = value != NULL ? PyObject_Str(value) : NULL;
        const char *said = described != NULL ? PyUnicode_AsUTF8(described) : NULL;
        say(SAYS_HELD, said != NULL ? said : "it could not be evaluated");
        Py_XDECREF(described);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        PyErr_Clear();
    }
}

/* Evaluate in this copy. The program's state changes as the expression, or an import that it needs, wants it. */
static void evaluate(const Message *message, const char *text, size_t length)
{
    if (message->flags & LET_OUT) {
        let_effects_out((const int[3]){-1, -1, -1});
    }
    if (!hold_back(true)) {
        say(SAYS_HELD, "what it does can't be held back: this system has no seccomp");
        return;
    }
    effects.refused[0] = 0;
    effects.output_length = 0;
    end_when_unwanted(true);
    set_mask(&copied.mask);
    get_along_without_threads(!effects.let_out, true); /* with system calls of libraries: SIGSYS has to come through */
    PyObject *kept[3];
    PyErr_Fetch(&kept[0], &kept[1], &kept[2]);
    PyObject *answer = evaluate_in_frame(message->a, text, message->b, length, message->flags & KEEP);
    end_when_unwanted(false); /* the next command may come as soon as the answer is out */
    send_answer(answer);
    Py_XDECREF(answer);
    PyErr_Restore(kept[0], kept[1], kept[2]);
}

static bool take_stream(const Message *message, int fd, int inputs_fd)
{
    inputs.at = inputs.end = NULL;
    verified.signal_due = 0;
    if (message->c > 0 && inputs_fd >= 0) {
        long mapped = own_call(SYS_mmap, OWN_MAPPINGS, message->c, PROT_READ, MAP_PRIVATE, inputs_fd, 0);
        if (mapped < 0 && mapped > -4096) {
            return false;
        }
        inputs.at = (const uint8_t *)mapped;
        inputs.end = inputs.at + message->c;
    }
    way.inputs = inputs.at;
    way.inputs_length = message->c;
    verified.start = message->a;
    verified.length = message->b;
    verified.target = message->event;
    verified.event_start = R.head;
    verified.differs = false;
    if (verified.length > 0) {
        long mapped = own_call(SYS_mmap, OWN_MAPPINGS, verified.length, PROT_READ, MAP_PRIVATE, fd, 0);
        if (mapped < 0 && mapped > -4096) {
            return false;
        }
        verified.bytes = (const uint8_t *)mapped;
    }
    return message->a <= R.head;
}

static void close_all(int fds[MOST_FDS])
{
    for (int i = 0; i < MOST_FDS; i++) {
        if (fds[i] >= 0) {
            own_call(SYS_close, fds[i]);
            fds[i] = -1;
        }
    }
}

/* Record into a ring of its own from here on: where the stream of this copy ends, that one begins. */
static bool take_ring(const char *path)
{
    memcpy(&header_kept, R.ring, sizeof header_kept);
    int fd = (int)own_call(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    long where = fd < 0 ? fd : own_call(SYS_mmap, R.ring, RING_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    for (int half = 0; half < 2 && where >= 0; half++) {
        where = own_call(SYS_mmap, R.data + half * R.capacity, R.capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                         RING_HEADER_SIZE);
    }
    if (fd >= 0) {
        own_call(SYS_close, fd);
    }
    if (where < 0 || R.ring->capacity != R.capacity) {
        return false;
    }
    RingHeader *ring = R.ring;
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    ring->start_clock = now - (R.last_time - header_kept.start_clock); /* its clock goes on from here */
    ring->start_wall = header_kept.start_wall;
    ring->program_pid = own_call(SYS_getpid);
    ring->python_hex = PY_VERSION_HEX;
    ring->chunks = header_kept.chunks;
    memcpy(ring->chunk_start, header_kept.chunk_start, sizeof ring->chunk_start);
    ring->calls = R.calls;
    ring->events = R.events;
    ring->tail = ring->head = R.head;
    ring->output_seen = header_kept.output_seen;
    R.last_time = now;
    R.last_ticks = ticks();
    R.mask = R.capacity - 1;
    R.tail_seen = R.head;
    R.room_until = R.head + R.capacity - R.capacity / 4 - SLACK;
    __atomic_store_n(&ring->attached, 1, __ATOMIC_RELEASE);
    inputs.another = true;
    return true;
}

/* Write down whatever was changed from outside: the program's own lines didn't do it, so nobody would look. */
static void state_changes(void)
{
    Thread *thread = R.thread;
    size_t count = entry_count, found = 0;
    Entry **all = count > 0 ? malloc(count * sizeof *all) : NULL;
    if (thread == NULL || thread->top == NULL || !begin_write()) {
        free(all);
        return;
    }
    for (size_t i = 0; all != NULL && i < entry_capacity && found < count; i++) {
        if (entries[i] != NULL) {
            all[found++] = entries[i];
        }
    }
    Where where = {NULL, thread->top, true};
    for (size_t i = 0; i < found && has_room(); i++) {
        current_depth = all[i]->depth + 1;
        if ((all[i]->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)) == ENTRY_NAMESPACE) {
            put_contents(all[i], OB_SNAPSHOT);
        }
        else {
            check_entry(all[i], &where);
        }
        drain();
    }
    current_depth = 0;
    free(all);
    for (Shadow *shadow = thread->top; shadow != NULL; shadow = shadow->parent) {
        for (int i = 0; i < shadow->code->slots; i++) {
            remember_slot(shadow, i, frame_slot(shadow->frame, i));
        }
    }
    put_stack(thread);
    publish();
}

static void say_arrived(void)
{
    uint64_t numbers[4] = {R.head, copied.inputs, 0, 0};
    send_message(SAYS_ARRIVED, 0, numbers, "", 0);
}

/* Do what this copy is asked to, until it is to run: then come back, with the command that it runs by. */
static uint32_t serve(void)
{
    static char text[MESSAGE_TEXT + 1];
    for (;;) {
        Message message;
        int fds[MOST_FDS];
        long length = receive_command(&message, text, fds);
        if (length < 0) {
            leave_copy(0);
        }
        if (message.kind == WANTS_MEMORY) {
            tell_memory();
        }
        else if (message.kind == WANTS_EVALUATE && (message.flags & KEEP)) {
            evaluate(&message, text, (size_t)length);
            block_all(&copied.mask);
        }
        else if (fds[0] >= 0 && (copied.flags & LOOK_ONLY) &&
                 (message.kind == WANTS_UNIVERSE || (message.kind == WANTS_RUN && message.event != R.events - 1))) {
            int control = copied.control;
            copied.control = fds[0];
            say(SAYS_HELD, "it can't go on from here, only be looked at");
            copied.control = control;
        }
        else if ((message.kind == WANTS_RUN || message.kind == WANTS_EVALUATE || message.kind == WANTS_UNIVERSE) && fds[0] >= 0) {
            long pid = call_clone();
            if (pid == 0) {
                bool good = message.kind != WANTS_RUN || take_stream(&message, fds[1], fds[2]);
                bool let_out = message.kind == WANTS_UNIVERSE && (message.flags & LET_OUT);
                int control = fds[0], terminal[3] = {fds[1], fds[2], fds[3]};
                fds[0] = -1;
                for (int i = 0; i < 3; i++) {
                    copied.spared[i] = let_out ? terminal[i] + 1 : 0;
                }
                if (!let_out) {
                    close_all(fds);
                }
                become_copy_of_copy(control);
                memset(copied.spared, 0, sizeof copied.spared);
                if (let_out) {
                    let_effects_out(terminal);
                    close_all(fds);
                }
                if (!good) {
                    say(SAYS_HELD, "the recorded stream could not be taken in");
                    leave_copy(1);
                }
                if (message.kind == WANTS_UNIVERSE) {
                    const char *stop = text + strlen(text) + 1;
                    stop_count = 0;
                    stops_over = false;
                    if (stop < text + length) {
                        add_stop((char *)stop, strtol(stop, NULL, 10));
                    }
                    if (!take_ring(text)) {
                        say(SAYS_HELD, "the ring could not be taken in");
                        leave_copy(1);
                    }
                    say_arrived();
                    return message.kind;
                }
                if (message.kind == WANTS_RUN) {
                    if (message.event == R.events - 1) {
                        say_arrived();
                        continue;
                    }
                    begin_way(&message);
                    return message.kind;
                }
                evaluate(&message, text, (size_t)length);
                leave_copy(0);
            }
            if (pid < 0) {
                int control = copied.control;
                copied.control = fds[0];
                say(SAYS_HELD, "the copy could not be copied: there is no room for another process");
                copied.control = control;
            }
        }
        close_all(fds);
    }
}

/* Serve, then go on. */
static void serve_and_run(void)
{
    R.attention = false;
    uint32_t by = serve();
    get_along_without_threads(!effects.let_out, false);
    if (!hold_back(false)) {
        say(SAYS_HELD, "what it does can't be held back: this system has no seccomp");
        leave_copy(1);
    }
    if (by == WANTS_UNIVERSE) {
        if (effects.let_out && !effects.held && !watch_exit()) {
            say(SAYS_HELD, "its end could not be watched");
            leave_copy(1);
        }
        state_changes();
    }
    else {
        R.verifying = verified.length > 0;
        take_signals(); /* those that came right behind this event */
        R.last_ticks = 0; /* so that each time is looked for in what was recorded */
    }
    R.attention = by == WANTS_UNIVERSE && stop_count > 0;
    end_when_unwanted(true);
    set_mask(&copied.mask);
}

/* ---- making a copy ---- */

/* A copy was begun to be made at `now`, and this is what became of it. */
static void note_taken(uint64_t now, long pid)
{
    uint64_t after = clock_ns(CLOCK_MONOTONIC);
    policy.last = after;
    policy.used = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    if (python_threads() == 1) {
        policy.threads_made = threads_made();
        policy.threads_alone = policy.threads;
    }
    policy.fork_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - policy.began; /* without waiting for a busy processor */
    policy.faults = page_faults();
    policy.resident = memory_now().resident;
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
    keep_offsets();
    inputs.noting = inputs.bytes <= MOST_INPUTS;
    block_all(&copied.mask);
    if (inputs.late_signals != 0) {
        set_mask(&copied.mask); /* as in consider_checkpoint() */
        return;
    }
    keep_shared_memory();
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
    forget_shared_memory();
    set_mask(&copied.mask);
    note_taken(now, pid);
}

/* How many pages the program had to copy since the last copy was made: its page faults, but for those that
 * gave it pages it hadn't had before. */
static uint64_t copied_pages(long faults, uint64_t resident)
{
    uint64_t all = (uint64_t)(faults - policy.faults);
    uint64_t fresh = resident > policy.resident ? (resident - policy.resident) / (uint64_t)sysconf(_SC_PAGESIZE) : 0;
    return all > fresh ? all - fresh : 0;
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
    else if (memory.resident > LARGEST_PROGRAM) {
        not_now(NOT_MEMORY, now + 1000000000ULL);
    }
    else {
        policy.last_look = python_threads() > 1 ? now : policy.last_look;
        take_checkpoint(event == EV_RAISE ? AT_RAISE : 0, now, faults);
    }
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
