/* What the program gets to know of the file system, and whether what it changes there succeeds. A copy runs
 * forward later, when files are no longer what they were: it is told what the program was told, while what it
 * writes itself is held back (effects.c). Failures are always noted, and whatever tells of a file; but not of
 * the interpreter's and libraries' own files, which are there again. */
#include "recorder.h"
#include "checkpoint.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>

static bool of_library(const char *path) { return path != NULL && strstr(path, "/lib/python") != NULL; }

static void set_quiet(int fd, bool quiet)
{
    if (fd >= 0 && fd < KNOWN_FDS) {
        inputs.quiet[fd] = quiet;
    }
}

static bool is_quiet(int fd) { return fd >= 0 && fd < KNOWN_FDS && inputs.quiet[fd]; }

/* ---- what libraries ask about this process's memory ---- */

/* Where the interpreter's own code lies, and the device of /proc. */
static struct {
    uintptr_t from, to;
    dev_t proc;
} own_places;

static int find_interpreter(struct dl_phdr_info *object, size_t size, void *nothing)
{
    (void)size;
    (void)nothing;
    uintptr_t known = (uintptr_t)PyLong_FromLong;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t from = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && known >= from && known < from + segment->p_memsz) {
            own_places.from = from;
            own_places.to = from + segment->p_memsz;
            return 1;
        }
    }
    return 0;
}

static void find_own_places(void)
{
    struct stat status;
    dl_iterate_phdr(find_interpreter, NULL);
    own_places.proc = own_call(SYS_newfstatat, AT_FDCWD, "/proc/self/maps", &status, 0) == 0 ? status.st_dev : 0;
}

/* Whether what a path in /proc leads to tells of this process's memory. */
static bool is_about_memory(const char *path)
{
    static const char *const names[] = {"maps", "smaps", "numa_maps", "auxv", "mem", "pagemap"};
    char *behind = NULL;
    long pid = strncmp(path, "/proc/", 6) == 0 ? strtol(path + 6, &behind, 10) : 0;
    if (behind == NULL || behind[0] != '/' || (pid != copied.program && pid != own_call(SYS_getpid))) {
        return false;
    }
    const char *name = strrchr(path, '/') + 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a descriptor does, and a library asks (libffi: where its own code is, line by line in /proc/PID/maps until
 * it is found, with libc's stdio). Addresses are others in a program that is run again, so nothing of it is noted, or
 * counted: there may be more calls, or fewer. What the program itself reads there is noted. */
static bool is_library_about_memory(int fd, const void *caller)
{
    struct stat status;
    char path[64], of_fd[32] = "/proc/self/fd/";
    if ((!inputs.noting && !R.copy) || ((uintptr_t)caller >= own_places.from && (uintptr_t)caller < own_places.to) ||
        own_call(SYS_fstat, fd, &status) != 0 || status.st_dev != own_places.proc) {
        return false;
    }
    put_decimal(of_fd + 14, (uint64_t)fd);
    long length = own_call(SYS_readlinkat, AT_FDCWD, of_fd, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    return is_about_memory(path);
}

#define ABOUT_MEMORY(fd) UNLIKELY(is_library_about_memory(fd, __builtin_return_address(0)))

/* A child shares this memory until it runs its program: what it does is not noted, nor what the recorder does. */
static bool noting_calls(void) { return !R.inside && noting_inputs() && own_call(SYS_getpid) == copied.program; }

/* What a call is known by: its number, and how many there were before. To be asked for once in each call,
 * whether it is noted or not. */
static int64_t this_call(long number)
{
    if (in_main_thread()) {
        tripped.before = tripped.came;
    }
    if (replaying()) {
        inputs.calls++;
        take_signals();
    }
    else if (noting_calls()) {
        inputs.calls++;
    }
    return number | (int64_t)(inputs.calls & 0xffffffff) << 16;
}

static void note_call(int64_t call, int64_t result, const void *data, size_t length)
{
    if (noting_calls()) {
        note_input(INPUT_CALL, result, call, data, length);
    }
}

/* What a system call gave, if that was noted; the data is put where it gave it. */
static bool given_again(int64_t call, int64_t *result, void *data, size_t room)
{
    const uint8_t *bytes;
    size_t length;
    if (!replaying() || !next_if(INPUT_CALL, call, result, &bytes, &length)) {
        return false;
    }
    memcpy(data, bytes, length < room ? length : room);
    return true;
}

typedef long SystemCall(long number, long a, long b, long c, long d, long e, long f);

static long told_by(SystemCall *done_by, long number, long a, long b, long c, long d, void *data, size_t size, size_t room, bool quiet)
{
    int64_t result, call = this_call(number);
    if (!quiet && given_again(call, &result, data, room)) {
        return given(result);
    }
    long found = done_by(number, a, b, c, d, 0, 0);
    if (!quiet) {
        size_t length = found < 0 ? 0 : size > 0 ? size : (size_t)found;
        note_call(call, outcome(found), data, length < room ? length : room);
    }
    return found;
}

/* A call that tells something: `size` bytes at `data`, or as many as it returns where that is 0. */
static long told(long number, long a, long b, long c, long d, void *data, size_t size, size_t room, bool quiet)
{
    return told_by(noted_call, number, a, b, c, d, data, size, room, quiet);
}

/* The same of one that waits for it. */
static long told_later(long number, long a, long b, long c, long d, void *data, size_t size)
{
    return told_by(waiting_call, number, a, b, c, d, data, size, size, false);
}

/* A call that changes something, perhaps after waiting: only its failure is noted, so that without a note it succeeds. */
static long changed_later(bool waits, long number, long a, long b, long c, long d, long e)
{
    int64_t result, call = this_call(number);
    if (given_again(call, &result, NULL, 0)) {
        return given(result);
    }
    long done = waits && signal_overlooked() ? given(-EINTR) : syscall(number, a, b, c, d, e);
    if (done < 0 && replaying() && !inputs.another) {
        return 0;
    }
    if (done < 0) {
        note_call(call, outcome(done), NULL, 0);
    }
    return done;
}

static long changed(long number, long a, long b, long c, long d, long e) { return changed_later(false, number, a, b, c, d, e); }

/* One that must not reach others, and that succeeds without a note: a copy doesn't do it. */
static long pretended(long number, long a, long b, long c, long success)
{
    int64_t result, call = this_call(number);
    if (given_again(call, &result, NULL, 0)) {
        return given(result);
    }
    if (replaying() && !inputs.another) {
        return success;
    }
    long done = syscall(number, a, b, c);
    if (done != success) {
        note_call(call, outcome(done), NULL, 0);
    }
    return done;
}

/* Writing: all of it, unless something else was noted. Which one it is can't be counted: handlers of signals
 * write, too. */
static int64_t this_write(int fd, size_t count) { return SYS_write | (int64_t)(fd & 0xffff) << 16 | (int64_t)(count & 0x7fffffff) << 32; }

static bool write_was_other(int fd, size_t count, ssize_t *written)
{
    int64_t result;
    bool other = given_again(this_write(fd, count), &result, NULL, 0);
    *written = other ? given(result) : 0;
    return other;
}

static void note_other_write(int fd, size_t count, ssize_t written) { note_call(this_write(fd, count), outcome(written), NULL, 0); }

/* ---- what there was not before ---- */

/* Asked in the program, before it makes something. */
static bool leads_to_nothing(int directory, const char *path)
{
    struct stat status;
    return noting_calls() && path != NULL && own_call(SYS_newfstatat, directory, path, &status, AT_SYMLINK_NOFOLLOW) == -ENOENT;
}

static void note_made(int directory, const char *path, bool made)
{
    char whole[512];
    int kept = errno;
    if (made && noting_calls() && !of_library(path) && whole_path(directory, path, whole)) {
        note_input(INPUT_MADE, 0, 0, whole, strlen(whole) + 1);
    }
    errno = kept;
}

/* The outcome of a call that succeeds only where there was nothing. */
static int made_at(int directory, const char *path, long outcome)
{
    note_made(directory, path, outcome == 0);
    return (int)outcome;
}

/* ---- opening ---- */

/* In a copy: what stands for a file that could be opened then and can't be now. */
static long stand_in(const char *path, int directory, int flags)
{
    if (flags & O_DIRECTORY) {
        return own_call(SYS_openat, AT_FDCWD, fd_path(empty_directory()), O_RDONLY | O_DIRECTORY | (flags & O_CLOEXEC), 0);
    }
    long content = move_away((int)copy_of_file(-1, false, O_CLOEXEC));
    if (content < 0) {
        return content;
    }
    hold_file(directory, path, (int)content);
    return made(own_call(SYS_openat, AT_FDCWD, fd_path((int)content), flags & (O_ACCMODE | O_APPEND | O_CLOEXEC), 0), FD_OWN);
}

/* Whether what is in a file that is opened stays there, and may be written. */
static bool is_to_grow(int flags)
{
    return (flags & O_ACCMODE) != O_RDONLY && !(flags & O_TRUNC) && (flags & __O_TMPFILE) != __O_TMPFILE &&
           (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

/* How large it was then: a copy that opens it later finds what the program has written there since. */
static void note_size(int64_t call, int fd)
{
    struct stat status;
    if (noting_calls() && own_call(SYS_fstat, fd, &status) == 0 && S_ISREG(status.st_mode)) {
        int64_t size = status.st_size;
        note_call(call, 0, &size, sizeof size);
    }
}

static void cut_to(int fd, int64_t size)
{
    struct stat status;
    if (size >= 0 && kind_of(fd) == FD_OWN && own_call(SYS_fstat, fd, &status) == 0 && status.st_size > size) {
        own_call(SYS_ftruncate, fd, size);
    }
}

static int open_noted(int directory, const char *path, int flags, mode_t mode)
{
    int64_t result, size = -1, call = this_call(SYS_openat);
    bool library = of_library(path);
    if (!library && given_again(call, &result, &size, sizeof size) && result < 0) {
        return (int)given(result);
    }
    if (replaying() && !inputs.another && !library) {
        int wanted = flags & O_EXCL && flags & O_CREAT ? (flags & ~O_EXCL) | O_TRUNC : flags;
        long fd = syscall(SYS_openat, directory, path, wanted, mode);
        fd = fd >= 0 ? fd : given(stand_in(path, directory, flags));
        set_quiet((int)fd, false);
        cut_to((int)fd, size);
        return (int)fd;
    }
    bool overlooked = overlooked_before_opening(directory, path);
    bool new = (flags & O_CREAT) && !library && leads_to_nothing(directory, path);
    int fd = overlooked ? (int)given(-EINTR) : (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd < 0 && !library) {
        note_call(call, outcome(fd), NULL, 0);
    }
    else if (replaying() || noting_calls()) {
        set_quiet(fd, library);
        if (fd >= 0 && !library && is_to_grow(flags)) {
            note_size(call, fd);
        }
        note_made(directory, path, new && fd >= 0);
    }
    return fd;
}

static int noted_openat(int directory, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_noted(directory, path, flags, mode);
}

static int noted_open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_noted(AT_FDCWD, path, flags, mode);
}

static DIR *noted_opendir(const char *path)
{
    if (path[0] == 0) {
        errno = ENOENT;
        return NULL;
    }
    int fd = open_noted(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_CLOEXEC, 0);
    DIR *found = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && found == NULL) {
        int kept = errno;
        close(fd);
        errno = kept;
    }
    return found;
}

/* ---- what is told of files ---- */

/* The program was told this of a path, or of a descriptor: so it is told of the file in memory that stands there. */
static void learn_likeness(int directory, const char *path, const struct stat *status)
{
    char whole[512];
    if (!replaying() || inputs.another || path == NULL || !S_ISREG(status->st_mode)) {
        return;
    }
    int index = path[0] != 0 ? held_index(directory, path, whole) : -1;
    take_likeness(index >= 0 ? held_files[index].fd : path[0] == 0 && kind_of(directory) == FD_OWN ? directory : -1, status);
}

static int noted_fstatat(int directory, const char *path, struct stat *status, int flags)
{
    bool quiet = of_library(path) || (path != NULL && path[0] == 0 && is_quiet(directory));
    int found = (int)told(SYS_newfstatat, directory, LONG(path), LONG(status), flags, status, sizeof *status, sizeof *status, quiet);
    if (found == 0) {
        learn_likeness(directory, path, status);
    }
    return found;
}

static int noted_stat(const char *path, struct stat *status) { return noted_fstatat(AT_FDCWD, path, status, 0); }

static int noted_lstat(const char *path, struct stat *status) { return noted_fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW); }

static int noted_fstat(int fd, struct stat *status)
{
    if (ABOUT_MEMORY(fd)) {
        return (int)given(own_call(SYS_fstat, fd, status));
    }
    int found = (int)told(SYS_fstat, fd, LONG(status), 0, 0, status, sizeof *status, sizeof *status, is_quiet(fd));
    if (found == 0) {
        learn_likeness(fd, "", status);
    }
    return found;
}

static int noted_statx(int directory, const char *path, int flags, unsigned mask, struct statx *status)
{
    int64_t result, call = this_call(SYS_statx);
    bool quiet = of_library(path) || (path != NULL && path[0] == 0 && is_quiet(directory));
    if (!quiet && given_again(call, &result, status, sizeof *status)) {
        return (int)given(result);
    }
    int found = (int)syscall(SYS_statx, directory, path, flags, mask, status);
    if (!quiet) {
        note_call(call, outcome(found), status, found < 0 ? 0 : sizeof *status);
    }
    return found;
}

/* How much room there is, too. */
static int noted_statfs(const char *path, struct statfs *status)
{
    return (int)told(SYS_statfs, LONG(path), LONG(status), 0, 0, status, sizeof *status, sizeof *status, of_library(path));
}
static int noted_fstatfs(int fd, struct statfs *status)
{
    return (int)told(SYS_fstatfs, fd, LONG(status), 0, 0, status, sizeof *status, sizeof *status, is_quiet(fd));
}

static int noted_access(const char *path, int mode)
{
    int64_t result, call = this_call(SYS_faccessat);
    bool quiet = of_library(path);
    if (!quiet && given_again(call, &result, NULL, 0)) {
        return (int)given(result);
    }
    int found = (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
    if (!quiet) {
        note_call(call, outcome(found), NULL, 0);
    }
    return found;
}

static ssize_t noted_readlinkat(int directory, const char *path, char *target, size_t room)
{
    return told(SYS_readlinkat, directory, LONG(path), LONG(target), (long)room, target, 0, room, of_library(path));
}

static ssize_t noted_readlink(const char *path, char *target, size_t room) { return noted_readlinkat(AT_FDCWD, path, target, room); }

static ssize_t noted_getdents(int fd, void *buffer, size_t room)
{
    room = room < INT_MAX ? room : INT_MAX;
    return told(SYS_getdents64, fd, LONG(buffer), (long)room, 0, buffer, 0, room, is_quiet(fd));
}

/* What the program read of a file is in the file in memory, too: the real one may be another by now. */
static void mend(int fd, const void *bytes, int64_t count, off_t offset)
{
    static char own[4096];
    for (int64_t done = 0, part; kind_of(fd) == FD_OWN && done < count; done += part) {
        part = count - done < (int64_t)sizeof own ? count - done : (int64_t)sizeof own;
        const char *wanted = (const char *)bytes + done;
        if (own_call(SYS_pread64, fd, own, part, offset + done) != part || memcmp(own, wanted, (size_t)part) != 0) {
            own_call(SYS_pwrite64, fd, wanted, part, offset + done);
        }
    }
}

/* Of a file that can be read again; what passes by is answered by effects.c, as reads of it have to be. */
static ssize_t read_noted(int fd, void *buffer, size_t count)
{
    int64_t result, call = this_call(SYS_read);
    if (passes_by(fd)) {
        return note_read(waiting_call(SYS_read, fd, LONG(buffer), (long)count, 0, 0, 0), fd, buffer);
    }
    if (given_again(call, &result, buffer, count)) {
        mend(fd, buffer, result, own_call(SYS_lseek, fd, 0, SEEK_CUR));
        own_call(SYS_lseek, fd, result > 0 ? result : 0, SEEK_CUR);
        return given(result);
    }
    ssize_t got = syscall(SYS_read, fd, buffer, count);
    if (notes_file(fd, got)) {
        note_call(call, outcome(got), buffer, got > 0 ? (size_t)got : 0);
    }
    return got;
}

static ssize_t noted_read(int fd, void *buffer, size_t count)
{
    return ABOUT_MEMORY(fd) ? given(own_call(SYS_read, fd, buffer, count)) : read_noted(fd, buffer, count);
}

static ssize_t noted_pread(int fd, void *buffer, size_t count, off_t offset)
{
    if (ABOUT_MEMORY(fd)) {
        return given(own_call(SYS_pread64, fd, buffer, count, offset));
    }
    int64_t result, call = this_call(SYS_pread64);
    if (given_again(call, &result, buffer, count)) {
        mend(fd, buffer, result, offset);
        return given(result);
    }
    ssize_t got = syscall(SYS_pread64, fd, buffer, count, offset);
    if (notes_file(fd, got)) {
        note_call(call, outcome(got), buffer, got > 0 ? (size_t)got : 0);
    }
    return got;
}

/* One piece after the other, as far as there is something at once. */
static ssize_t noted_readv(int fd, const struct iovec *pieces, int count)
{
    ssize_t all = 0;
    if (ABOUT_MEMORY(fd)) {
        return given(own_call(SYS_readv, fd, pieces, count));
    }
    for (int i = 0; i < count; i++) {
        if (pieces[i].iov_len == 0) {
            continue;
        }
        ssize_t got = read_noted(fd, pieces[i].iov_base, pieces[i].iov_len);
        if (got < 0) {
            return all > 0 ? all : got;
        }
        all += got;
        if ((size_t)got < pieces[i].iov_len || passes_by(fd)) {
            break;
        }
    }
    return all;
}

/* Where in a file it is: told by the file itself, but for its end. */
static off_t noted_lseek(int fd, off_t offset, int whence)
{
    if (ABOUT_MEMORY(fd)) {
        return given(own_call(SYS_lseek, fd, offset, whence));
    }
    int64_t result, call = this_call(SYS_lseek);
    if (given_again(call, &result, NULL, 0)) {
        if (result >= 0) {
            own_call(SYS_lseek, fd, result, SEEK_SET);
        }
        return given(result);
    }
    off_t at = syscall(SYS_lseek, fd, offset, whence);
    if (!replaying() && noting_inputs() && !is_quiet(fd)) {
        bool appends = whence == SEEK_CUR && (own_call(SYS_fcntl, fd, F_GETFL, 0L) & O_APPEND);
        if (at < 0 || (whence != SEEK_SET && whence != SEEK_CUR) || appends) {
            note_call(call, outcome(at), NULL, 0);
        }
    }
    return at;
}

static ssize_t noted_listxattr(const char *path, char *names, size_t room)
{
    return told(SYS_listxattr, LONG(path), LONG(names), (long)room, 0, names, 0, names != NULL ? room : 0, of_library(path));
}
static ssize_t noted_llistxattr(const char *path, char *names, size_t room)
{
    return told(SYS_llistxattr, LONG(path), LONG(names), (long)room, 0, names, 0, names != NULL ? room : 0, of_library(path));
}
static ssize_t noted_flistxattr(int fd, char *names, size_t room)
{
    return told(SYS_flistxattr, fd, LONG(names), (long)room, 0, names, 0, names != NULL ? room : 0, is_quiet(fd));
}
static ssize_t noted_getxattr(const char *path, const char *name, void *value, size_t room)
{
    return told(SYS_getxattr, LONG(path), LONG(name), LONG(value), (long)room, value, 0, value != NULL ? room : 0, of_library(path));
}

static char *noted_getcwd(char *buffer, size_t room)
{
    room = buffer == NULL && room == 0 ? PATH_MAX : room;
    char *own = buffer == NULL ? malloc(room) : buffer;
    long length = own != NULL ? told(SYS_getcwd, LONG(own), (long)room, 0, 0, own, 0, room, false) : -1;
    if (length > 0 && own[0] == '/') {
        return own;
    }
    if (length > 0) {
        errno = ENOENT; /* it lies outside of what this process sees */
    }
    if (buffer == NULL) {
        free(own);
    }
    return NULL;
}

/* ---- changes ---- */

static int noted_unlink(const char *path) { return (int)changed(SYS_unlinkat, AT_FDCWD, LONG(path), 0, 0, 0); }
static int noted_unlinkat(int directory, const char *path, int flags) { return (int)changed(SYS_unlinkat, directory, LONG(path), flags, 0, 0); }
static int noted_rmdir(const char *path) { return (int)changed(SYS_unlinkat, AT_FDCWD, LONG(path), AT_REMOVEDIR, 0, 0); }
static int noted_renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    bool new = leads_to_nothing(to_directory, to);
    int done = (int)changed(SYS_renameat2, from_directory, LONG(from), to_directory, LONG(to), 0);
    note_made(to_directory, to, done == 0 && new);
    return done;
}
static int noted_rename(const char *from, const char *to) { return noted_renameat(AT_FDCWD, from, AT_FDCWD, to); }
static int noted_mkdirat(int directory, const char *path, mode_t mode)
{
    return made_at(directory, path, changed(SYS_mkdirat, directory, LONG(path), mode, 0, 0));
}
static int noted_mkdir(const char *path, mode_t mode) { return noted_mkdirat(AT_FDCWD, path, mode); }
static int noted_symlinkat(const char *target, int directory, const char *path)
{
    return made_at(directory, path, changed(SYS_symlinkat, LONG(target), directory, LONG(path), 0, 0));
}
static int noted_symlink(const char *target, const char *path) { return noted_symlinkat(target, AT_FDCWD, path); }
static int noted_linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
    return made_at(to_directory, to, changed(SYS_linkat, from_directory, LONG(from), to_directory, LONG(to), flags));
}
static int noted_link(const char *from, const char *to) { return noted_linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
static int noted_chmod(const char *path, mode_t mode) { return (int)changed(SYS_fchmodat, AT_FDCWD, LONG(path), mode, 0, 0); }
static int noted_fchmod(int fd, mode_t mode) { return (int)changed(SYS_fchmod, fd, mode, 0, 0, 0); }
static int noted_fchown(int fd, uid_t user, gid_t group) { return (int)changed(SYS_fchown, fd, user, group, 0, 0); }
static int noted_truncate(const char *path, off_t length) { return (int)changed(SYS_truncate, LONG(path), length, 0, 0, 0); }
static int noted_chdir(const char *path) { return (int)changed(SYS_chdir, LONG(path), 0, 0, 0, 0); }
static int noted_fchdir(int fd) { return (int)changed(SYS_fchdir, fd, 0, 0, 0, 0); }
static int noted_flock(int fd, int how) { return (int)changed_later(!(how & (LOCK_NB | LOCK_UN)), SYS_flock, fd, how, 0, 0, 0); }
static int noted_utimensat(int directory, const char *path, const struct timespec times[2], int flags)
{
    if (path == NULL) {
        errno = EINVAL;
        return -1;
    }
    return (int)changed(SYS_utimensat, directory, LONG(path), LONG(times), flags, 0);
}
static int noted_mknodat(int directory, const char *path, mode_t mode, dev_t device)
{
    return made_at(directory, path, changed(SYS_mknodat, directory, LONG(path), mode, (unsigned)device, 0));
}

static ssize_t noted_sendfile(int to, int from, off_t *offset, size_t count)
{
    int64_t result, call = this_call(SYS_sendfile);
    if (given_again(call, &result, offset, sizeof *offset)) {
        syscall(SYS_sendfile, to, from, offset, count);
        return given(result);
    }
    ssize_t done = syscall(SYS_sendfile, to, from, offset, count);
    note_call(call, outcome(done), offset, offset != NULL ? sizeof *offset : 0);
    return done;
}

static ssize_t noted_copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t count, unsigned flags)
{
    int64_t result, call = this_call(SYS_copy_file_range);
    off_t offsets[2] = {0, 0};
    if (given_again(call, &result, offsets, sizeof offsets)) {
        if (result > 0) {
            syscall(SYS_sendfile, to, from, from_offset, (size_t)result);
        }
    }
    else {
        result = outcome(syscall(SYS_copy_file_range, from, from_offset, to, to_offset, count, flags));
        offsets[0] = from_offset != NULL ? *from_offset : 0;
        offsets[1] = to_offset != NULL ? *to_offset : 0;
        note_call(call, result, offsets, sizeof offsets);
        return given(result);
    }
    if (from_offset != NULL) {
        *from_offset = offsets[0];
    }
    if (to_offset != NULL) {
        *to_offset = offsets[1];
    }
    return given(result);
}

static int noted_fcntl(int fd, int command, ...)
{
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    int64_t result, call;
    switch (command) {
    case F_GETOWN: {
        struct f_owner_ex owner;
        if (syscall(SYS_fcntl, fd, F_GETOWN_EX, &owner) < 0) {
            return -1;
        }
        return owner.type == F_OWNER_PGRP ? -owner.pid : owner.pid;
    }
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return (int)changed_later(command == F_SETLKW || command == F_OFD_SETLKW, SYS_fcntl, fd, command, LONG(argument), 0, 0);
    case F_GETLK:
    case F_OFD_GETLK:
        call = this_call(SYS_fcntl);
        if (given_again(call, &result, argument, sizeof(struct flock))) {
            return (int)given(result);
        }
        result = syscall(SYS_fcntl, fd, command, argument);
        note_call(call, outcome(result), argument, sizeof(struct flock));
        return (int)result;
    default:
        return (int)syscall(SYS_fcntl, fd, command, argument);
    }
}

/* What is waiting to be read, and how large the terminal is; the rest is answered by effects.c. */
static int noted_ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (request == _IOW(0x94, 9, int)) { /* FICLONE: a copy by the file system, where it can */
        return (int)changed(SYS_ioctl, fd, (long)request, LONG(argument), 0, 0);
    }
    size_t size = request == FIONREAD ? sizeof(int) : request == TIOCGWINSZ ? sizeof(struct winsize) : 0;
    return size > 0 ? (int)told(SYS_ioctl, fd, (long)request, LONG(argument), 0, argument, size, size, false)
                    : (int)syscall(SYS_ioctl, fd, request, argument);
}

static const struct Replaced replaced_of_files[] = {
    {"open64", (void *)noted_open}, {"openat64", (void *)noted_openat}, {"opendir", (void *)noted_opendir},
    {"fstatat64", (void *)noted_fstatat}, {"fstat64", (void *)noted_fstat}, {"stat64", (void *)noted_stat},
    {"lstat64", (void *)noted_lstat}, {"statx", (void *)noted_statx}, {"statfs64", (void *)noted_statfs}, {"fstatfs64", (void *)noted_fstatfs},
    {"access", (void *)noted_access},
    {"readlink", (void *)noted_readlink}, {"readlinkat", (void *)noted_readlinkat}, {"getdents64", (void *)noted_getdents},
    {"getcwd", (void *)noted_getcwd},
    {"listxattr", (void *)noted_listxattr}, {"llistxattr", (void *)noted_llistxattr}, {"flistxattr", (void *)noted_flistxattr},
    {"getxattr", (void *)noted_getxattr},
    {"read", (void *)noted_read}, {"pread64", (void *)noted_pread}, {"readv", (void *)noted_readv}, {"lseek64", (void *)noted_lseek},
    {"unlink", (void *)noted_unlink}, {"unlinkat", (void *)noted_unlinkat}, {"rmdir", (void *)noted_rmdir},
    {"rename", (void *)noted_rename}, {"renameat", (void *)noted_renameat}, {"mkdir", (void *)noted_mkdir},
    {"mkdirat", (void *)noted_mkdirat}, {"symlink", (void *)noted_symlink}, {"symlinkat", (void *)noted_symlinkat},
    {"link", (void *)noted_link}, {"linkat", (void *)noted_linkat}, {"chmod", (void *)noted_chmod}, {"fchmod", (void *)noted_fchmod},
    {"fchown", (void *)noted_fchown}, {"truncate64", (void *)noted_truncate}, {"chdir", (void *)noted_chdir},
    {"fchdir", (void *)noted_fchdir}, {"flock", (void *)noted_flock}, {"utimensat", (void *)noted_utimensat},
    {"mknodat", (void *)noted_mknodat}, {"sendfile64", (void *)noted_sendfile},
    {"copy_file_range", (void *)noted_copy_file_range}, {"fcntl64", (void *)noted_fcntl},
    {"ioctl", (void *)noted_ioctl},
};
