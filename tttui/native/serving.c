/* What a copy of the program does when it is asked: evaluates, tells what it takes, runs on. */
#include "recorder.h"
#include "checkpoint.h"

#include <frameobject.h>

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
    if (!effects.let_out) {
        hide_what_is_not_yet();
    }
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
        inputs.at = map_apart(message->c, PROT_READ, MAP_PRIVATE, inputs_fd);
        if (inputs.at == NULL) {
            return false;
        }
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
        verified.bytes = map_apart(verified.length, PROT_READ, MAP_PRIVATE, fd);
        if (verified.bytes == NULL) {
            return false;
        }
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
                    uint64_t last_time = R.last_time;
                    if (!take_ring(text)) {
                        say(SAYS_HELD, "the ring could not be taken in");
                        leave_copy(1);
                    }
                    if (!let_out) {
                        hide_what_is_not_yet();
                        begin_elsewhere(last_time);
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
