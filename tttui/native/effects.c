/* What a copy does must not be felt outside of it: what each system call comes to that the filter (filter.c) hands
 * over. */
#include "recorder.h"

static long write_somewhere(long number, const long *a, const struct iovec *pieces, long count)
{
    uint8_t kind = kind_of(a[0]);
    size_t total = 0;
    if (kind == FD_OWN && effects.evaluating) {
        return own_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    if (!passes_by((int)a[0]) && (kind == FD_OWN || (kind == FD_FILE && make_own((int)a[0])))) {
        return own_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    if (kind == FD_UNKNOWN) {
        return -EBADF;
    }
    for (long i = 0; i < count && i < 1024; i++) {
        total += pieces[i].iov_len;
        if (a[0] == 1 || a[0] == 2) {
            keep_output(pieces[i].iov_base, pieces[i].iov_len);
        }
    }
    if (a[0] > 2) {
        note_refused("what is written to pipes and sockets goes nowhere");
    }
    return (long)total;
}

static long read_somewhere(long number, const long *a, bool noted)
{
    long result;
    if (!passes_by((int)a[0])) {
        if (kind_of(a[0]) == FD_FILE) {
            suspect_if_changed(CHANGED, (int)a[0]);
        }
        return own_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    if (noted && number == SYS_read && replay_bytes(INPUT_READ, a[0], (void *)a[1], (size_t)a[2], &result)) {
        return result;
    }
    if (kind_of(a[0]) == FD_DEVICE || (kind_of(a[0]) == FD_OWN && effects.evaluating)) {
        return own_call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
    return refuse_input(noted, "it reads from a pipe, a socket or the terminal");
}

static long control_descriptor(const long *a)
{
    switch (a[1]) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return made_from(a[0], own_call(SYS_fcntl, a[0], a[1], a[2]));
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case F_SETOWN:
    case F_NOTIFY:
        return 0;
    default:
        return own_call(SYS_fcntl, a[0], a[1], a[2]);
    }
}

/* What only asks for the network's interfaces, as libraries do for the hardware's address. */
static bool is_question_of_interfaces(long request)
{
    static const short known[] = {SIOCGIFNAME,  SIOCGIFCONF, SIOCGIFFLAGS,  SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR,
                                  SIOCGIFNETMASK, SIOCGIFMTU,  SIOCGIFHWADDR, SIOCGIFINDEX};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if ((unsigned short)known[i] == (unsigned long)request) {
            return true;
        }
    }
    return false;
}

/* What a terminal would say: it has the attributes that it had, or that this copy has given it. */
static long ask_terminal(long request, void *argument)
{
    enum { SIZE = 36, SIZE2 = 44 }; /* of the kernel's struct termios and struct termios2 */
    switch (request & 0xffffffffL) {
    case TCGETS2_:
        memcpy(argument, copied.attributes, SIZE2);
        return 0;
    case TCSETS2_:
    case TCSETS2_ + 1:
    case TCSETS2_ + 2:
        memcpy(copied.attributes, argument, SIZE2);
        return 0;
    case TCGETS:
        memcpy(argument, copied.attributes, SIZE);
        return 0;
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        memcpy(copied.attributes, argument, SIZE);
        return 0;
    case TIOCGPGRP:
        memcpy(argument, &copied.group, sizeof copied.group);
        return 0;
    case TCFLSH:
    case TCSBRK:
    case TCXONC:
    case TIOCSPGRP:
        return 0;
    default:
        return -ENOTTY;
    }
}

static long mask_signals(ucontext_t *context, const long *a)
{
    uint64_t mask, wanted;
    memcpy(&mask, &context->uc_sigmask, sizeof mask);
    if (a[2] != 0) {
        memcpy((void *)a[2], &mask, sizeof mask);
    }
    if (a[1] != 0) {
        memcpy(&wanted, (const void *)a[1], sizeof wanted);
        mask = a[0] == SIG_BLOCK ? mask | wanted : a[0] == SIG_UNBLOCK ? mask & ~wanted : wanted;
        mask &= ~(1ULL << (SIGSYS - 1));
        memcpy(&context->uc_sigmask, &mask, sizeof mask);
    }
    return 0;
}

static bool is_handled(int number);

/* To another process. In another universe that may be a child, of which only is known what was noted: how it ended. */
static long send_signal_away(long signal)
{
    static const char what[] = "it sends a signal to another process";
    if (inputs.another && !effects.evaluating && signal != 0) {
        note_refused(what);
        return 0;
    }
    return refuse(what);
}

/* When it runs forward, those that it sends to itself and handles come as they were noted. */
static long send_signal(long number, const long *a)
{
    long pid = own_call(SYS_getpid);
    if (replaying() && !inputs.another && is_handled((int)(number == SYS_tgkill ? a[2] : a[1]))) {
        return 0;
    }
    switch (number) {
    case SYS_kill:
        return a[0] == copied.program || a[0] == 0 ? own_call(SYS_kill, pid, a[1]) : send_signal_away(a[1]);
    case SYS_tgkill:
        return a[0] == copied.program ? own_call(SYS_tgkill, pid, pid, a[2]) : send_signal_away(a[2]);
    default:
        return a[0] == copied.program ? own_call(SYS_tkill, pid, a[1]) : send_signal_away(a[1]);
    }
}

static long end_of_program(long status)
{
    uint64_t numbers[4] = {(uint64_t)status, 0, 0, 0};
    if (inputs.another) {
        send_message(SAYS_ENDED, 0, numbers, "", 0);
    }
    else if (!effects.evaluating) {
        say(SAYS_HELD, "the program ends before");
    }
    leave_copy(0);
}

/* ---- the handler ---- */

#define WAITS "it waits for a pipe, a socket or the terminal"

/* For another universe that has had all that was noted nothing more comes, until its time is over. */
static long wait_for_time(const struct timespec *limit, bool noted)
{
    if (!inputs.another || effects.evaluating || limit == NULL) {
        return refuse_input(noted, WAITS);
    }
    own_call(SYS_nanosleep, limit, NULL);
    return 0;
}

static long poll_for_time(struct pollfd *states, size_t count, const struct timespec *limit, bool noted)
{
    long result = wait_for_time(limit, noted);
    for (size_t i = 0; result == 0 && i < count; i++) {
        states[i].revents = 0;
    }
    return result;
}

static long select_for_time(const long *a, bool noted)
{
    long result = wait_for_time((const struct timespec *)a[4], noted);
    for (int i = 1; result == 0 && i <= 3; i++) {
        if (a[i] != 0) {
            memset((void *)a[i], 0, ((size_t)a[0] + 63) / 64 * 8);
        }
    }
    return result;
}

static long epoll_for_time(long milliseconds, bool noted)
{
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    return wait_for_time(milliseconds >= 0 ? &limit : NULL, noted);
}

/* The mode of a file, or its times: of a file in memory alone. */
static long change_file(long directory, const char *path, long mode, const struct timespec *times)
{
    char whole[512];
    int index = path != NULL ? held_index(directory, path, whole) : -1;
    note_refused("changes of the file system stay undone");
    if (index >= 0 && held_files[index].fd == -1) {
        return -ENOENT;
    }
    change_likeness(path == NULL ? directory : index >= 0 ? held_files[index].fd : -1, mode, times);
    return 0;
}

static long hold(long number, const long *a, ucontext_t *context)
{
    struct iovec piece = {(void *)a[1], (size_t)a[2]};
    bool noted = is_noted(context);
    long result;
    switch (number) {
    case SYS_getpid:
        return copied.program;
    case SYS_gettid:
        return copied.thread != 0 ? copied.thread : copied.program;
    case SYS_sysinfo:
        suspect(UNNOTED_CALL, "how much memory and load there is (sysinfo)");
        return own_call(number, a[0]);
    case SYS_getppid:
        return again.parent != 0 ? again.parent : own_call(number);
    case SYS_exit_group:
        return end_of_program(a[0]);
    case SYS_rt_sigprocmask:
        return mask_signals(context, a);
    case SYS_rt_sigaction:
        return a[0] == SIGSYS ? 0 : own_call(number, a[0], a[1], a[2], a[3]);
    case SYS_rt_sigtimedwait:
    case SYS_rt_sigsuspend:
        return refuse("it waits for a signal");
    case SYS_read:
    case SYS_readv:
        return read_somewhere(number, a, noted);
    case SYS_write:
    case SYS_pwrite64:
        return write_somewhere(number, a, &piece, 1);
    case SYS_writev:
        return write_somewhere(number, a, (const struct iovec *)a[1], a[2]);
    case SYS_openat:
        return open_file(a[0], (const char *)a[1], a[2], a[3]);
#ifdef SYS_open
    case SYS_open:
        return open_file(AT_FDCWD, (const char *)a[0], a[1], a[2]);
    case SYS_creat:
        return open_file(AT_FDCWD, (const char *)a[0], O_CREAT | O_WRONLY | O_TRUNC, a[1]);
    case SYS_dup2:
        return made_from(a[0], own_call(number, a[0], a[1]));
    case SYS_pipe: {
        long done = own_call(number, a[0]);
        if (done == 0) {
            made(((int *)a[0])[0], FD_OWN);
            made(((int *)a[0])[1], FD_OWN);
        }
        return done;
    }
    case SYS_epoll_create:
    case SYS_eventfd:
        return made(own_call(number, a[0], a[1]), FD_OWN);
    case SYS_vfork:
        if (!replay_bytes(INPUT_FORK, -1, NULL, 0, &result)) {
            return refuse("it starts a process");
        }
        inputs.last_child = result > 0 ? result : inputs.last_child;
        return result;
    case SYS_fork:
        return replay_bytes(INPUT_FORK, -1, NULL, 0, &result) ? result : refuse("it starts a process");
    case SYS_unlink:
    case SYS_rmdir:
        return remove_file(AT_FDCWD, (const char *)a[0]);
    case SYS_rename:
        return rename_file(AT_FDCWD, (const char *)a[0], AT_FDCWD, (const char *)a[1]);
    case SYS_mkdir:
        return make_directory(AT_FDCWD, (const char *)a[0]);
    case SYS_stat:
    case SYS_lstat:
    case SYS_access:
        return ask_path(number, a, -1, 0);
    case SYS_link:
        return link_file(AT_FDCWD, (const char *)a[0], AT_FDCWD, (const char *)a[1]);
    case SYS_chmod:
        return change_file(AT_FDCWD, (const char *)a[0], a[1], NULL);
    case SYS_symlink:
    case SYS_chown:
    case SYS_lchown:
    case SYS_utime:
    case SYS_utimes:
    case SYS_futimesat:
    case SYS_mknod:
        note_refused("changes of the file system stay undone");
        return 0;
    case SYS_getpgrp:
        return copied.group;
    case SYS_poll:
    case SYS_select:
    case SYS_epoll_wait:
        return refuse_input(noted, WAITS);
    case SYS_alarm:
    case SYS_pause:
        return refuse("it waits for a signal");
#endif
    case SYS_dup:
        return made_from(a[0], own_call(number, a[0]));
    case SYS_dup3:
        return made_from(a[0], own_call(number, a[0], a[1], a[2]));
    case SYS_fcntl:
        return control_descriptor(a);
    case SYS_pipe2: {
        long done = own_call(number, a[0], a[1]);
        if (done == 0) {
            made(((int *)a[0])[0], FD_OWN);
            made(((int *)a[0])[1], FD_OWN);
        }
        return done;
    }
    case SYS_socketpair: {
        long done = own_call(number, a[0], a[1], a[2], a[3]);
        if (done == 0) {
            made(((int *)a[3])[0], FD_OWN);
            made(((int *)a[3])[1], FD_OWN);
        }
        return done;
    }
    case SYS_memfd_create:
    case SYS_epoll_create1:
    case SYS_eventfd2:
    case SYS_timerfd_create:
        return made(own_call(number, a[0], a[1]), FD_OWN);
    case SYS_socket:
        return made(own_call(number, a[0], a[1], a[2]), FD_SOCKET);
    case SYS_setsockopt:
    case SYS_shutdown:
        return kind_of(a[0]) == FD_GONE ? 0 : own_call(number, a[0], a[1], a[2], a[3], a[4]);
    case SYS_getsockopt:
    case SYS_getsockname:
    case SYS_getpeername:
        return kind_of(a[0]) == FD_GONE ? refuse("it asks a socket") : own_call(number, a[0], a[1], a[2], a[3], a[4]);
    case SYS_connect:
    case SYS_bind:
    case SYS_listen:
    case SYS_accept:
    case SYS_accept4:
        return refuse("it uses the network, or a socket to another process");
    case SYS_recvfrom:
        if (noted && a[4] == 0 && replay_bytes(INPUT_READ, a[0], (void *)a[1], (size_t)a[2], &result)) {
            return result;
        }
        return kind_of(a[0]) == FD_OWN && effects.evaluating ? own_call(number, a[0], a[1], a[2], a[3], a[4], a[5])
                                                             : refuse_input(noted, "it uses the network, or a socket to another process");
    case SYS_sendto:
        if (!effects.evaluating && (kind_of(a[0]) == FD_GONE || kind_of(a[0]) == FD_OWN)) {
            return a[2];
        }
        return kind_of(a[0]) == FD_OWN ? own_call(number, a[0], a[1], a[2], a[3], a[4], a[5])
                                       : refuse("it uses the network, or a socket to another process");
    case SYS_sendmsg:
    case SYS_recvmsg:
    case SYS_sendmmsg:
    case SYS_recvmmsg:
        return kind_of(a[0]) == FD_OWN ? own_call(number, a[0], a[1], a[2], a[3], a[4], a[5])
                                       : refuse("it uses the network, or a socket to another process");
    case SYS_epoll_ctl:
        return kind_of(a[0]) == FD_OWN && kind_of(a[2]) == FD_OWN ? own_call(number, a[0], a[1], a[2], a[3]) : 0;
    case SYS_ppoll:
        return noted && replay_bytes(INPUT_POLL, 0, (void *)a[0], (size_t)a[1] * sizeof(struct pollfd), &result)
                   ? result
                   : poll_for_time((struct pollfd *)a[0], (size_t)a[1], (const struct timespec *)a[2], noted);
    case SYS_pselect6:
        return noted && replay_sets(a, &result) ? result : select_for_time(a, noted);
    case SYS_epoll_pwait:
        return noted && replay_bytes(INPUT_POLL, 2, (void *)a[1], (size_t)a[2] * sizeof(struct epoll_event), &result)
                   ? result
                   : epoll_for_time(a[3], noted);
    case SYS_timerfd_settime:
    case SYS_timerfd_gettime:
        return own_call(number, a[0], a[1], a[2], a[3]);
    case SYS_ftruncate:
    case SYS_fallocate:
        return kind_of(a[0]) == FD_OWN || (kind_of(a[0]) == FD_FILE && make_own((int)a[0])) ? own_call(number, a[0], a[1], a[2], a[3]) : 0;
    case SYS_sendfile:
        if (kind_of(a[0]) == FD_OWN && !passes_by((int)a[1])) {
            return own_call(number, a[0], a[1], a[2], a[3]);
        }
        return -EINVAL;
    case SYS_copy_file_range:
    case SYS_splice:
    case SYS_tee:
        return -EINVAL; /* then it is done by reading and writing */
    case SYS_ioctl:
        if (a[1] == FIOCLEX || a[1] == FIONCLEX || a[1] == FIONBIO || kind_of(a[0]) == FD_FILE || kind_of(a[0]) == FD_OWN) {
            return own_call(number, a[0], a[1], a[2]);
        }
        if (kind_of(a[0]) == FD_SOCKET && is_question_of_interfaces(a[1])) {
            return own_call(number, a[0], a[1], a[2]);
        }
        return kind_of(a[0]) == FD_TERMINAL ? ask_terminal(a[1], (void *)a[2]) : -ENOTTY;
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        if (elsewhere.on && replaying()) {
            bool plain = number == SYS_nanosleep;
            sleep_elsewhere(plain ? CLOCK_MONOTONIC : a[0], !plain && (a[1] & TIMER_ABSTIME), (const struct timespec *)a[plain ? 0 : 2]);
        }
        return 0; /* the time has passed already */
    case SYS_getrandom:
        if (noted && replay_bytes(INPUT_RANDOM, -1, (void *)a[0], (size_t)a[1], &result) && (!inputs.another || result == a[1])) {
            return result;
        }
        if (!noted && replaying()) {
            suspect(UNNOTED_CALL, "random bytes past libc (getrandom)");
        }
        return own_call(number, a[0], a[1], a[2]);
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
        return send_signal(number, a);
    case SYS_unlinkat:
        return remove_file(a[0], (const char *)a[1]);
    case SYS_renameat:
    case SYS_renameat2:
        return rename_file(a[0], (const char *)a[1], a[2], (const char *)a[3]);
    case SYS_mkdirat:
        return make_directory(a[0], (const char *)a[1]);
    case SYS_newfstatat:
    case SYS_statx:
    case SYS_faccessat:
    case SYS_faccessat2:
        return ask_path(number, a, 0, 1);
    case SYS_getxattr:
    case SYS_lgetxattr:
    case SYS_listxattr:
    case SYS_llistxattr:
        return ask_path(number, a, -1, 0);
    case SYS_getdents64:
        return list_directory(a[0], (char *)a[1], (size_t)a[2]);
    case SYS_fstat:
        result = own_call(number, a[0], a[1]);
        if (result == 0) {
            wear_likeness((struct stat *)a[1]);
        }
        return result;
    case SYS_linkat:
        return link_file(a[0], (const char *)a[1], a[2], (const char *)a[3]);
    case SYS_fchmod:
        return change_file(a[0], NULL, a[1], NULL);
    case SYS_fchmodat:
        return change_file(a[0], (const char *)a[1], a[2], NULL);
    case SYS_utimensat:
        return change_file(a[0], (const char *)a[1], -1, (const struct timespec *)a[2]);
    case SYS_symlinkat:
    case SYS_fchown:
    case SYS_fchownat:
    case SYS_mknodat:
    case SYS_truncate:
    case SYS_setxattr:
    case SYS_lsetxattr:
    case SYS_fsetxattr:
    case SYS_removexattr:
        note_refused("changes of the file system stay undone");
        return 0;
    case SYS_flock:
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_sync:
    case SYS_syncfs:
    case SYS_msync:
    case SYS_fadvise64:
    case SYS_setpgid:
    case SYS_setsid:
    case SYS_setpriority:
    case SYS_sched_setaffinity:
    case SYS_setrlimit:
    case SYS_setitimer:
        return 0;
    case SYS_getpgid:
        if (a[0] == 0 || a[0] == copied.program) {
            return copied.group;
        }
        return own_call(number, a[0]);
    case SYS_getsid:
        if (a[0] == 0 || a[0] == copied.program) {
            return copied.session;
        }
        return own_call(number, a[0]);
    case SYS_prctl:
        return a[0] == PR_SET_PDEATHSIG || a[0] == PR_SET_DUMPABLE || a[0] == PR_SET_SECCOMP ? 0 : own_call(number, a[0], a[1], a[2], a[3], a[4]);
    case SYS_clone:
        if (!(a[0] & (CLONE_VM | CLONE_THREAD)) && replay_bytes(INPUT_FORK, -1, NULL, 0, &result)) {
            return result; /* fork(): what the child did is known as far as this program heard of it */
        }
        if ((a[0] & CLONE_VFORK) && replaying() && !inputs.another && (result = next_child()) != 0) {
            return result;
        }
        if ((a[0] & CLONE_THREAD) && (result = pretend_thread()) > 0) {
            if (a[0] & CLONE_PARENT_SETTID) {
                *(int *)a[2] = (int)result;
            }
            return result;
        }
        return refuse(a[0] & CLONE_THREAD ? "it starts a thread" : "it starts a process");
    case SYS_clone3:
        return -ENOSYS; /* then it is done by clone() */
    case SYS_execve:
    case SYS_execveat:
        return refuse("it runs another program");
#ifdef SYS_pidfd_open
    case SYS_pidfd_open: /* what it tells is answered by what was noted */
        return made(own_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0), FD_GONE);
#endif
    case SYS_wait4:
        return noted && replay_wait((int *)a[1], (void *)a[3], &result) ? result : refuse_input(noted, "it waits for a process");
    case SYS_waitid:
        return noted && replay_bytes(INPUT_WAIT, 1, (void *)a[2], sizeof(siginfo_t), &result) ? result : refuse_input(noted, "it waits for a process");
    default: {
        static char text[64] = "it makes the system call number ";
        put_decimal(text + 32, (uint64_t)number);
        return refuse(text);
    }
    }
}

static long let_through(long number, const long *a, ucontext_t *context);

static long carry_out(long number, const long *a, ucontext_t *context)
{
    return effects.let_out ? let_through(number, a, context) : hold(number, a, context);
}

static void on_system_call(int signal, siginfo_t *info, void *where)
{
    ucontext_t *context = where;
#if defined(__x86_64__)
    greg_t *r = context->uc_mcontext.gregs;
    long arguments[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]};
    r[REG_RAX] = carry_out(info->si_syscall, arguments, context);
#else
    unsigned long long *r = context->uc_mcontext.regs;
    long arguments[6] = {(long)r[0], (long)r[1], (long)r[2], (long)r[3], (long)r[4], (long)r[5]};
    r[0] = (unsigned long long)carry_out(info->si_syscall, arguments, context);
#endif
}

/* From here on nothing that this copy does is felt outside; false where that isn't possible. */
static bool hold_back(bool evaluating)
{
    effects.evaluating = evaluating;
    copied.mask &= ~(1ULL << (SIGSYS - 1));
    if (effects.held || effects.let_out) {
        return true;
    }
    struct sigaction action = {.sa_sigaction = on_system_call, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSYS, &action, NULL) != 0) {
        return false;
    }
    effects.held = true;
    return hold_effects();
}
