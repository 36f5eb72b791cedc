/* Another universe whose effects are let out, because the user said so: files are written, output is shown,
 * connections are made. What the program had open when it was copied is opened anew where that is possible.
 *
 * A copy that has run forward can't be rid of its filter: there the handler does the system calls for real,
 * but for those that a handler can't do. One that hasn't has no filter. */
#include "recorder.h"
#include "checkpoint.h"

/* Another description of the real file that a descriptor stood for, written to from where the copy is. */
static void open_for_real(int fd)
{
    int flags = copied.opened[fd] & (O_ACCMODE | O_APPEND);
    long offset = own_call(SYS_lseek, fd, 0, SEEK_CUR), real;
    if (path_of[fd] > 0) {
        const char *path = own_paths[path_of[fd] - 1];
        real = own_call(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0);
        if (real == -ENOENT) { /* it was made by the copy, or is gone: then as it is here */
            long content = own_call(SYS_openat, AT_FDCWD, fd_path(fd), O_RDONLY | O_CLOEXEC, 0);
            static char buffer[65536];
            real = own_call(SYS_openat, AT_FDCWD, path, flags | O_CREAT | O_CLOEXEC, 0666);
            for (long got; real >= 0 && (flags & O_ACCMODE) != O_RDONLY && (got = own_call(SYS_read, content, buffer, sizeof buffer)) > 0;) {
                own_call(SYS_write, real, buffer, got);
            }
            own_call(SYS_close, content);
        }
    }
    else {
        real = own_call(SYS_openat, AT_FDCWD, fd_path(fd), flags | O_CLOEXEC, 0);
    }
    if (real < 0) {
        note_refused("a file that was open can't be written any more");
        return;
    }
    if (offset >= 0 && !(flags & O_APPEND)) {
        own_call(SYS_lseek, real, offset, SEEK_SET);
        if ((flags & O_ACCMODE) == O_WRONLY) {
            own_call(SYS_ftruncate, real, offset); /* what the program wrote there since is of the other universe */
        }
    }
    replace_fd((int)real, fd);
    own_call(SYS_close, real);
    made(fd, FD_REAL);
}

/* One end of a connection whose other end is closed: so it looks to the program. */
static void put_dead_socket(int fd)
{
    int ends[2];
    if (own_call(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
        replace_fd(ends[0], fd);
        own_call(SYS_close, ends[0]);
        own_call(SYS_close, ends[1]);
    }
}

/* `terminal`: what stands for standard input, output and error where those were no files. */
static void let_effects_out(const int terminal[3])
{
    effects.let_out = true;
    for (int fd = 0; fd < KNOWN_FDS; fd++) {
        uint8_t kind = copied.fds[fd];
        if (kind == FD_UNKNOWN || own_call(SYS_fcntl, fd, F_GETFD, 0) < 0) {
            continue;
        }
        if ((kind == FD_GONE || kind == FD_TERMINAL) && fd < 3 && terminal[fd] >= 0) {
            replace_fd(terminal[fd], fd);
            made(fd, FD_REAL);
        }
        else if (kind == FD_GONE && copied.opened[fd] == WAS_SOCKET) {
            put_dead_socket(fd);
        }
        else if ((kind == FD_FILE && (copied.opened[fd] & O_ACCMODE) != O_RDONLY && copied.opened[fd] != WAS_SOCKET) ||
                 (kind == FD_REAL && (copied.opened[fd] & O_ACCMODE) != O_RDONLY && copied.opened[fd] != WAS_SOCKET) ||
                 (kind == FD_OWN && path_of[fd] > 0)) {
            open_for_real(fd);
        }
    }
    held_count = 0; /* from here on a path leads to what is really there */
}

/* ---- with a filter: the handler does it ---- */

static long let_through(long number, const long *a, ucontext_t *context)
{
    long result;
    switch (number) {
    case SYS_getpid:
    case SYS_gettid:
    case SYS_exit_group:
    case SYS_rt_sigprocmask:
    case SYS_rt_sigaction:
    case SYS_clone3:
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
    case SYS_prctl:
        return hold(number, a, context);
    case SYS_read:
    case SYS_recvfrom:
    case SYS_ppoll:
    case SYS_pselect6:
    case SYS_epoll_pwait:
        if (kind_of(a[0]) == FD_GONE || kind_of(a[0]) == FD_TERMINAL) {
            return hold(number, a, context);
        }
        break;
    case SYS_write:
    case SYS_sendto:
        if (kind_of(a[0]) == FD_GONE || kind_of(a[0]) == FD_TERMINAL) {
            note_refused("what is written to connections that were there before goes nowhere");
            return hold(number, a, context);
        }
        break;
    case SYS_wait4:
        result = own_call(number, a[0], a[1], a[2], a[3]);
        return result == -ECHILD ? hold(number, a, context) : result;
    case SYS_clone:
        if (!(a[0] & (CLONE_VM | CLONE_THREAD))) {
            break;
        }
        return refuse_for_good(a[0] & CLONE_THREAD ? "it starts a thread: only at a checkpoint can that be let out"
                                                   : "it starts a process: only at a checkpoint can that be let out");
    case SYS_execve:
    case SYS_execveat:
#ifdef SYS_vfork
    case SYS_vfork:
#endif
        return refuse_for_good("it starts a process: only at a checkpoint can that be let out");
    case SYS_dup:
        return made_from(a[0], own_call(number, a[0]));
#ifdef SYS_dup2
    case SYS_dup2:
        return made_from(a[0], own_call(number, a[0], a[1]));
#endif
    case SYS_dup3:
        return made_from(a[0], own_call(number, a[0], a[1], a[2]));
    case SYS_openat:
    case SYS_socket:
    case SYS_memfd_create:
        return made(own_call(number, a[0], a[1], a[2], a[3]), FD_REAL);
    }
    return own_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- without one ---- */

/* How the program ends is said by whoever ends it: nobody else sees it. */
static _Noreturn void noted_exit(int status)
{
    if (own_call(SYS_getpid) == effects.universe) {
        uint64_t numbers[4] = {(uint64_t)status, 0, 0, 0};
        send_message(SAYS_ENDED, 0, numbers, "", 0);
    }
    leave_copy(status);
}

static bool watch_exit(void)
{
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    effects.universe = own_call(SYS_getpid);
    return libc != NULL && replace_function(libc, "_exit", (void *)noted_exit);
}

/* ---- to a breakpoint ---- */

/* At the end of an event in another universe that is to go on to a line: whether it is there. */
static void end_at_stop(uint8_t event)
{
    R.inside = true;
    if (event == EV_LINE && R.thread != NULL && R.thread->top != NULL && (stops_in(R.thread->top->code_object->co_filename) & 1)) {
        R.thread->top->code->stops = 1;
        if (is_to_stop()) {
            PyObject *type, *error, *traceback;
            PyErr_Fetch(&type, &error, &traceback);
            static const char *const streams[] = {"stdout", "stderr"};
            for (int i = 0; i < 2; i++) { /* what it printed belongs to it */
                PyObject *stream = PySys_GetObject(streams[i]);
                PyObject *done = stream != NULL && stream != Py_None ? PyObject_CallMethod(stream, "flush", NULL) : NULL;
                Py_XDECREF(done);
                PyErr_Clear();
            }
            say_arrived();
            leave_copy(0);
        }
    }
    R.inside = false;
    R.attention = true;
}
