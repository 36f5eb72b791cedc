/* What a copy does must not be felt outside of it. Once it runs, the kernel hands every system call that
 * may have an effect to a signal handler, which does what can be done within the copy, pretends what
 * only others would see, and refuses the rest with the reason. */
#include "recorder.h"
#include "checkpoint.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <ucontext.h>

static struct {
    bool held;               /* the filter is in place                                          */
    bool let_out;            /* the user has said so: letting_out.c                             */
    long universe;           /* process id of a universe without a filter                       */
    bool evaluating;         /* what is refused is an error there; else the copy can't go on    */
    char refused[2048];      /* what was, a line each                                           */
    uint8_t *output;         /* what was written to standard output and error                   */
    size_t output_length;
} effects;

#define MOST_OUTPUT (64 * 1024)
#define LARGEST_COPIED_FILE (64 << 20)

static void keep_output(const void *bytes, size_t count)
{
    if (effects.output == NULL) {
        effects.output = own_map(OWN_MAPPINGS, MOST_OUTPUT, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    }
    size_t room = effects.output != NULL ? MOST_OUTPUT - effects.output_length : 0;
    count = count < room ? count : room;
    if (count > 0) {
        memcpy(effects.output + effects.output_length, bytes, count);
        effects.output_length += count;
    }
}

/* ---- the filter ---- */

/* Without any effect outside, and without a result that depends on anything outside that changes. */
static const short harmless[] = {
    SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_rt_sigreturn, SYS_sigaltstack, SYS_futex,
    SYS_set_robust_list, SYS_set_tid_address, SYS_sched_yield, SYS_sched_getaffinity, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_getgroups, SYS_getrusage, SYS_times, SYS_getrlimit, SYS_prlimit64, SYS_uname, SYS_getcwd, SYS_chdir,
    SYS_fchdir, SYS_umask, SYS_close, SYS_lseek, SYS_fstat, SYS_statfs, SYS_fstatfs, SYS_readlinkat, SYS_getdents64, SYS_pread64, SYS_preadv, SYS_mincore, SYS_membarrier, SYS_clock_gettime,
    SYS_clock_getres, SYS_gettimeofday, SYS_getcpu, SYS_restart_syscall, SYS_getpriority, SYS_getresuid, SYS_getresgid,
    SYS_rt_sigpending, SYS_capget, SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_getitimer, SYS_exit,
    SYS_mbind, SYS_get_mempolicy, SYS_set_mempolicy, SYS_mlock, SYS_munlock, SYS_sched_getscheduler, SYS_sched_getparam,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_close_range
    SYS_close_range,
#endif
#ifdef SYS_stat
    SYS_readlink, SYS_getdents, SYS_arch_prctl, SYS_time,
#endif
};

static bool hold_effects(void)
{
    enum { ALLOWED = sizeof harmless / sizeof *harmless };
    uint64_t own = (uint64_t)(uintptr_t)tttui_own_call_return;
    struct sock_filter filter[ALLOWED + 16];
    int count = 0;
#if defined(__x86_64__)
    uint32_t machine = AUDIT_ARCH_X86_64;
#else
    uint32_t machine = AUDIT_ARCH_AARCH64;
#endif
#define LOAD(field) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define EQUAL(value, then, otherwise) (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
    filter[count++] = LOAD(arch);
    filter[count++] = EQUAL(machine, 1, 0);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    filter[count++] = LOAD(instruction_pointer);
    filter[count++] = EQUAL((uint32_t)own, 0, 3);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4);
    filter[count++] = EQUAL((uint32_t)(own >> 32), 0, 1);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[count++] = LOAD(nr);
    for (int i = 0; i < ALLOWED; i++) {
        filter[count++] = EQUAL((uint32_t)harmless[i], (uint8_t)(ALLOWED - i), 0);
    }
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {(unsigned short)count, filter};
    return own_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           own_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

/* ---- refusing ---- */

static void note_refused(const char *what)
{
    size_t used = strlen(effects.refused), length = strlen(what);
    if (strstr(effects.refused, what) == NULL && used + length + 2 < sizeof effects.refused) {
        memcpy(effects.refused + used, what, length);
        memcpy(effects.refused + used + length, "\n", 2);
    }
}

/* What can't be held back: an error where something is evaluated; else the end of this copy. */
static long refuse(const char *what)
{
    note_refused(what);
    if (!effects.evaluating) {
        say(SAYS_HELD, what);
        leave_copy(1);
    }
    return -EPERM;
}

/* The same where nothing is held back: an error would be taken for one of the system's. */
static long refuse_for_good(const char *what)
{
    effects.evaluating = false;
    return refuse(what);
}

/* Whether a system call is one that would have been noted in the program. A library may make others, past the functions
 * that are replaced: what was noted is not for those. */
static bool is_noted(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP] == (uintptr_t)tttui_noted_call_return;
#else
    return (uintptr_t)context->uc_mcontext.pc == (uintptr_t)tttui_noted_call_return;
#endif
}

/* Input that can't be had here. */
static long refuse_input(bool noted, const char *what)
{
    static char text[256];
    if (noted || effects.evaluating || inputs.another) {
        return refuse(what);
    }
    snprintf(text, sizeof text, "%s, in a library that doesn't ask libc for it: that is not noted", what);
    return refuse(text);
}

/* ---- the files that a copy has written, made or removed ---- */

#define MOST_HELD 512

static struct {
    char path[512];          /* absolute; empty: not in use                                     */
    int fd;                  /* its content, in memory; -1: it is gone; -2: it is a directory   */
} held_files[MOST_HELD];
static int held_count;
static char own_paths[MOST_HELD][512]; /* of the real files that descriptors of files in memory stand for */
static int own_path_count;
static uint16_t path_of[KNOWN_FDS];    /* index + 1                                                       */
static int empty = -1;       /* a directory without anything in it, nor a name                  */

/* Stands for every directory that a copy has made. */
static int empty_directory(void)
{
    if (empty < 0) {
        static char path[sizeof policy.socket + 32];
        const char *slash = strrchr(policy.socket, '/');
        size_t length = slash != NULL ? (size_t)(slash - policy.socket) + 1 : 0;
        memcpy(path, policy.socket, length);
        memcpy(put_decimal(path + length, (uint64_t)own_call(SYS_getpid)), ".empty", 7);
        if (own_call(SYS_mkdirat, AT_FDCWD, path, 0700) == 0) {
            empty = move_away((int)own_call(SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0));
            own_call(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
        }
    }
    return empty;
}

static bool is_held_file(int fd)
{
    if (fd == empty) {
        return true;
    }
    for (int i = 0; i < held_count; i++) {
        if (held_files[i].fd == fd && fd >= 0) {
            return true;
        }
    }
    return false;
}

/* A path without ".", ".." and doubled slashes, from the root on; false where it is too long. Symbolic
 * links stay as they are. */
static bool whole_path(long directory, const char *path, char whole[512])
{
    size_t used = 0;
    if (path[0] != '/') {
        long got;
        if ((int)directory == AT_FDCWD) { /* a register may hold it without its sign */
            got = own_call(SYS_getcwd, whole, 512) - 1;
        }
        else {
            got = own_call(SYS_readlinkat, AT_FDCWD, fd_path((int)directory), whole, 511);
        }
        if (got <= 0 || whole[0] != '/') {
            return false;
        }
        used = got == 1 ? 0 : (size_t)got;
    }
    while (*path != 0) {
        while (*path == '/') {
            path++;
        }
        size_t length = strcspn(path, "/");
        if (length == 2 && path[0] == '.' && path[1] == '.') {
            while (used > 0 && whole[--used] != '/') {
            }
        }
        else if (length > 0 && !(length == 1 && path[0] == '.')) {
            if (used + length + 2 > 512) {
                return false;
            }
            whole[used++] = '/';
            memcpy(whole + used, path, length);
            used += length;
        }
        path += length;
    }
    whole[used] = 0;
    return used > 0;
}

static int held_index(long directory, const char *path, char whole[512])
{
    if (held_count == 0 || path == NULL || !whole_path(directory, path, whole)) {
        return -1;
    }
    for (int i = 0; i < held_count; i++) {
        if (strcmp(held_files[i].path, whole) == 0) {
            return i;
        }
    }
    return -1;
}

/* From here on a path leads to a file in memory, to nothing, or to a directory. */
static void hold_file(long directory, const char *path, int fd)
{
    char whole[512];
    int index = held_index(directory, path, whole);
    if (index < 0) {
        if (held_count == MOST_HELD || !whole_path(directory, path, whole)) {
            return;
        }
        index = held_count++;
        memcpy(held_files[index].path, whole, sizeof whole);
    }
    else if (held_files[index].fd >= 0) {
        own_call(SYS_close, held_files[index].fd);
    }
    held_files[index].fd = fd;
}

/* ---- descriptors ---- */

static uint8_t kind_of(long fd) { return fd >= 0 && fd < KNOWN_FDS ? copied.fds[fd] : FD_UNKNOWN; }

static long made(long fd, uint8_t kind)
{
    if (fd >= 0 && fd < KNOWN_FDS) {
        copied.fds[fd] = kind;
        path_of[fd] = 0;
    }
    return fd;
}

/* The same for another descriptor of what is open already. */
static long made_from(long from, long fd)
{
    made(fd, kind_of(from));
    if (fd >= 0 && fd < KNOWN_FDS && from >= 0 && from < KNOWN_FDS) {
        copied.opened[fd] = copied.opened[from];
        path_of[fd] = path_of[from];
    }
    return fd;
}

/* For a file in memory: of which real one it is a copy, and how that was opened. */
static long stands_for(long fd, long directory, const char *path, long flags)
{
    char whole[512];
    if (fd < 0 || fd >= KNOWN_FDS || !whole_path(directory, path, whole)) {
        return fd;
    }
    int index = 0;
    while (index < own_path_count && strcmp(own_paths[index], whole) != 0) {
        index++;
    }
    if (index < MOST_HELD) {
        memcpy(own_paths[index], whole, sizeof whole);
        own_path_count += index == own_path_count;
        path_of[fd] = (uint16_t)(index + 1);
        copied.opened[fd] = (uint16_t)(flags & (O_ACCMODE | O_APPEND));
    }
    return fd;
}

/* A file in memory with the content of another. */
static long copy_of_file(int from, bool content, long flags)
{
    long fd = own_call(SYS_memfd_create, "held back", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    static char buffer[65536];
    if (fd < 0 || !content) {
        return fd;
    }
    for (off_t at = 0; at < LARGEST_COPIED_FILE;) {
        long got = own_call(SYS_pread64, from, buffer, sizeof buffer, at);
        if (got <= 0) {
            return fd;
        }
        own_call(SYS_pwrite64, fd, buffer, got, at);
        at += got;
    }
    own_call(SYS_close, fd);
    return -EFBIG;
}

/* Before the first write to a file that the program had open: from here on it is a copy of that file. */
static bool make_own(int fd)
{
    long offset = own_call(SYS_lseek, fd, 0, SEEK_CUR), flags = own_call(SYS_fcntl, fd, F_GETFL, 0);
    long own = copy_of_file(fd, true, 0);
    char path[512];
    uint16_t known = fd < KNOWN_FDS ? path_of[fd] : 0;
    long length = known ? 0 : own_call(SYS_readlinkat, AT_FDCWD, fd_path(fd), path, sizeof path - 1);
    if (own < 0) {
        return false;
    }
    own_call(SYS_lseek, own, offset > 0 ? offset : 0, SEEK_SET);
    if (flags > 0 && (flags & O_APPEND)) {
        own_call(SYS_fcntl, own, F_SETFL, O_APPEND);
    }
    replace_fd((int)own, fd);
    own_call(SYS_close, own);
    made(fd, FD_OWN);
    if (known) {
        path_of[fd] = known;
    }
    else if (length > 0 && fd < KNOWN_FDS) {
        path[length] = 0;
        stands_for(fd, AT_FDCWD, path, copied.opened[fd]);
    }
    return true;
}

/* A new description of a file in memory, opened as asked for. */
static long open_held(int index, long flags)
{
    int fd = held_files[index].fd;
    if (fd == -2) {
        return flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR) ? -EISDIR : made(own_call(SYS_openat, AT_FDCWD, fd_path(empty_directory()), flags & ~O_NOFOLLOW, 0), FD_FILE);
    }
    if ((flags & O_CREAT) && (flags & O_EXCL)) {
        return -EEXIST;
    }
    long opened = made(own_call(SYS_openat, AT_FDCWD, fd_path(fd), flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW), 0), FD_OWN);
    return stands_for(opened, AT_FDCWD, held_files[index].path, flags);
}

/* What the program calls its own by its number (libffi asks /proc/PID/maps) is this process's own. */
static const char *as_own(const char *path, char own[512])
{
    char prefix[32];
    int length = snprintf(prefix, sizeof prefix, "/proc/%d", (int)copied.program);
    if (path == NULL || strncmp(path, prefix, (size_t)length) != 0 || (path[length] != '/' && path[length] != 0) || strlen(path) > 500) {
        return path;
    }
    memcpy(own, "/proc/self", 10);
    strcpy(own + 10, path + length);
    return own;
}

static long open_file(long directory, const char *path, long flags, long mode)
{
    char whole[512], own[512];
    path = as_own(path, own);
    int index = held_index(directory, path, whole);
    bool temporary = (flags & __O_TMPFILE) == __O_TMPFILE;
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) || temporary;
    if (index >= 0 && held_files[index].fd != -1) {
        return open_held(index, flags);
    }
    struct stat found;
    long there = index >= 0 ? -ENOENT : own_call(SYS_newfstatat, directory, path, &found, 0);
    if (there == 0 && (S_ISFIFO(found.st_mode) || (S_ISCHR(found.st_mode) && major(found.st_rdev) != 1))) {
        bool terminal = S_ISCHR(found.st_mode) && (major(found.st_rdev) == 5 || (major(found.st_rdev) >= 136 && major(found.st_rdev) < 144));
        return made(own_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | (flags & O_CLOEXEC), 0), terminal ? FD_TERMINAL : FD_GONE);
    }
    if (there == 0 && S_ISCHR(found.st_mode)) {
        return made(own_call(SYS_openat, directory, path, flags, mode), FD_DEVICE);
    }
    if (!writes || (flags & O_PATH)) {
        long opened = index >= 0 ? -ENOENT : made(own_call(SYS_openat, directory, path, flags, mode), FD_FILE);
        if (opened >= 0) {
            suspect_if_changed((int)opened);
        }
        else if (replaying() && !inputs.another && strstr(path, ".so") == NULL) { /* libraries are looked for in many places */
            suspect(GONE, path);
        }
        return opened;
    }
    if (temporary) {
        return made(copy_of_file(-1, false, flags), FD_OWN);
    }
    if (there == 0 && S_ISDIR(found.st_mode)) {
        return -EISDIR;
    }
    if (there == 0 && (flags & O_CREAT) && (flags & O_EXCL)) {
        return -EEXIST;
    }
    if (there != 0 && (there != -ENOENT || !(flags & O_CREAT))) {
        return there;
    }
    note_refused("what is written to files stays in the checkpoint");
    long from = there == 0 ? own_call(SYS_openat, directory, path, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (there == 0 && from < 0) {
        return from;
    }
    long content = move_away((int)copy_of_file((int)from, from >= 0 && !(flags & O_TRUNC), O_CLOEXEC));
    if (from >= 0) {
        own_call(SYS_close, from);
    }
    if (content < 0) {
        return content;
    }
    hold_file(directory, path, (int)content);
    long opened = made(own_call(SYS_openat, AT_FDCWD, fd_path((int)content), flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW | O_TRUNC), 0), FD_OWN);
    return stands_for(opened, directory, path, flags);
}

static long remove_file(long directory, const char *path)
{
    char whole[512];
    struct stat found;
    int index = held_index(directory, path, whole);
    note_refused("changes of the file system stay in the checkpoint");
    if (index >= 0 ? held_files[index].fd == -1 : own_call(SYS_newfstatat, directory, path, &found, AT_SYMLINK_NOFOLLOW) != 0) {
        return -ENOENT;
    }
    hold_file(directory, path, -1);
    return 0;
}

static long rename_file(long from_directory, const char *from, long to_directory, const char *to)
{
    char whole[512];
    int index = held_index(from_directory, from, whole);
    long content = -1;
    note_refused("changes of the file system stay in the checkpoint");
    if (index >= 0) {
        if (held_files[index].fd == -1) {
            return -ENOENT;
        }
        content = held_files[index].fd;
        held_files[index].fd = -1;
    }
    else {
        long file = own_call(SYS_openat, from_directory, from, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
        if (file < 0) {
            return file;
        }
        content = move_away((int)copy_of_file((int)file, true, O_CLOEXEC));
        own_call(SYS_close, file);
        hold_file(from_directory, from, -1);
    }
    hold_file(to_directory, to, (int)content);
    return content < 0 && content != -2 ? content : 0;
}

static long make_directory(long directory, const char *path)
{
    char whole[512];
    struct stat found;
    int index = held_index(directory, path, whole);
    note_refused("changes of the file system stay in the checkpoint");
    if (index >= 0 ? held_files[index].fd != -1 : own_call(SYS_newfstatat, directory, path, &found, AT_SYMLINK_NOFOLLOW) == 0) {
        return -EEXIST;
    }
    hold_file(directory, path, -2);
    return 0;
}

/* What is asked of a path: of the file in memory that it leads to, or of nothing, where this copy has changed it.
 * `place` and `name` are which of the arguments are a directory's descriptor (-1: none) and the path. */
static long ask_path(long number, const long *a, int place, int name)
{
    char whole[512], own[512];
    long changed[6];
    memcpy(changed, a, sizeof changed);
    changed[name] = (long)as_own((const char *)a[name], own);
    int index = a[name] != 0 ? held_index(place >= 0 ? a[place] : AT_FDCWD, (const char *)a[name], whole) : -1;
    if (index >= 0) {
        if (held_files[index].fd == -1) {
            return -ENOENT;
        }
        changed[name] = (long)fd_path(held_files[index].fd == -2 ? empty_directory() : held_files[index].fd);
        if (number == SYS_newfstatat || number == SYS_statx) { /* not of the link in /proc */
            changed[number == SYS_statx ? 2 : 3] &= ~AT_SYMLINK_NOFOLLOW;
        }
#ifdef SYS_lstat
        number = number == SYS_lstat ? SYS_stat : number;
#endif
    }
    return own_call(number, changed[0], changed[1], changed[2], changed[3], changed[4], changed[5]);
}

/* In a copy of a copy: files in memory of its own. */
static bool copy_held_files(void)
{
    for (int i = 0; i < held_count; i++) {
        if (held_files[i].fd >= 0) {
            long own = copy_of_file(held_files[i].fd, true, O_CLOEXEC);
            if (own < 0) {
                return false;
            }
            own_call(SYS_dup3, own, held_files[i].fd, O_CLOEXEC);
            own_call(SYS_close, own);
        }
    }
    return true;
}

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
            suspect_if_changed((int)a[0]);
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

/* When it runs forward, those that it sends to itself and handles come as they were noted. */
static long send_signal(long number, const long *a)
{
    long pid = own_call(SYS_getpid);
    if (replaying() && !inputs.another && is_handled((int)(number == SYS_tgkill ? a[2] : a[1]))) {
        return 0;
    }
    switch (number) {
    case SYS_kill:
        return a[0] == copied.program || a[0] == 0 ? own_call(SYS_kill, pid, a[1]) : refuse("it sends a signal to another process");
    case SYS_tgkill:
        return a[0] == copied.program ? own_call(SYS_tgkill, pid, pid, a[2]) : refuse("it sends a signal to another process");
    default:
        return a[0] == copied.program ? own_call(SYS_tkill, pid, a[1]) : refuse("it sends a signal to another process");
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
    case SYS_symlink:
    case SYS_chmod:
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
        return 0; /* the time has passed already */
    case SYS_getrandom:
        if (noted && replay_bytes(INPUT_RANDOM, -1, (void *)a[0], (size_t)a[1], &result)) {
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
    case SYS_linkat:
    case SYS_symlinkat:
    case SYS_fchmod:
    case SYS_fchmodat:
    case SYS_fchown:
    case SYS_fchownat:
    case SYS_utimensat:
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
