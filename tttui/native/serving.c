/* What a copy of the program does when it is asked: evaluates, tells what it takes, runs on. */
#include "recorder.h"
#include "checkpoint.h"

static void end_at_stop(uint8_t event);
static bool watch_exit(void);
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

static void say_arrived(void)
{
    uint64_t numbers[4] = {R.head, copied.inputs, 0, 0};
    send_message(SAYS_ARRIVED, 0, numbers, "", 0);
}

/* In a copy of this copy, made for one command: do what that says. Whether this one is to run then; else it does what it is
 * asked to further on. */
static bool do_in_copy(const Message *message, char *text, size_t length, int fds[MOST_FDS])
{
    bool good = message->kind != WANTS_RUN || take_stream(message, fds[1], fds[2]);
    bool let_out = message->kind == WANTS_UNIVERSE && (message->flags & LET_OUT);
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
        give_up("the recorded stream could not be taken in");
    }
    switch (message->kind) {
    case WANTS_UNIVERSE:
        begin_universe(text, length);
        say_arrived();
        return true;
    case WANTS_RUN:
        if (message->event == R.events - 1) {
            say_arrived();
            return false;
        }
        begin_way(message);
        return true;
    default:
        evaluate(message, text, length);
        leave_copy(0);
    }
}

/* Something that was asked for by a command isn't done: to be told over the socket that came with it. */
static void decline(int socket, const char *why)
{
    int control = copied.control;
    copied.control = socket;
    say(SAYS_HELD, why);
    copied.control = control;
}

/* Whether a command asks for a moment behind this one. */
static bool goes_behind(const Message *message)
{
    return message->kind == WANTS_UNIVERSE || (message->kind == WANTS_RUN && message->event != R.events - 1);
}

/* Do what this copy is asked to, until it, or one made of it, is to run: then come back, with the command that it runs by. */
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
        bool for_another = message.kind == WANTS_RUN || message.kind == WANTS_EVALUATE || message.kind == WANTS_UNIVERSE;
        if (message.kind == WANTS_MEMORY) {
            tell_memory();
        }
        else if (message.kind == WANTS_EVALUATE && (message.flags & KEEP)) {
            evaluate(&message, text, (size_t)length);
            block_all(&copied.mask);
        }
        else if (for_another && fds[0] >= 0 && (copied.flags & LOOK_ONLY) && goes_behind(&message)) {
            decline(fds[0], "it can't go on from here, only be looked at");
        }
        else if (for_another && fds[0] >= 0) {
            long pid = call_clone();
            if (pid == 0) {
                if (do_in_copy(&message, text, (size_t)length, fds)) {
                    return message.kind;
                }
                continue; /* its descriptors are closed */
            }
            if (pid < 0) {
                decline(fds[0], "the copy could not be copied: there is no room for another process");
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
        give_up(NO_SECCOMP);
    }
    if (by == WANTS_UNIVERSE) {
        if (effects.let_out && !effects.held && !watch_exit()) {
            give_up("its end could not be watched");
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
