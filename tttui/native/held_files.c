/* The files that a copy writes, makes or removes: in memory, so that nothing of it is felt outside. */
#include "recorder.h"

#define MOST_HELD 512

static struct {
    char path[512];          /* absolute; empty: not in use                                     */
    int fd;                  /* its content, in memory; -1: it is gone; -2: it is a directory   */
} held_files[MOST_HELD];
static int held_count;
static char own_paths[MOST_HELD][512]; /* of the real files that descriptors of files in memory stand for */
static int own_path_count;
static uint16_t path_of[KNOWN_FDS];    /* index + 1                                                       */
static int listed[KNOWN_FDS];          /* of directories: how many of held_files were gone through        */
static bool is_taken(int fd);
static bool of_library(const char *path);
static void take_likeness(long fd, const struct stat *of);
static void wear_likeness(struct stat *own);
static void wear_likeness_x(struct statx *own);
static void look_new(long fd, long mode);
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
    return is_taken(fd);
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
        else if (directory >= 0 && directory < KNOWN_FDS && path_of[directory] > 0) { /* one that this copy has made */
            got = (long)strlen(own_paths[path_of[directory] - 1]);
            memcpy(whole, own_paths[path_of[directory] - 1], (size_t)got);
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
        listed[fd] = 0;
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

/* The file in memory that stands for a file already; -1 where there is none. */
static int held_for(const struct stat *real)
{
    for (int i = 0; i < held_count; i++) {
        struct stat status;
        if (held_files[i].fd >= 0 && own_call(SYS_newfstatat, held_files[i].fd, "", &status, AT_EMPTY_PATH) == 0) {
            wear_likeness(&status);
            if (status.st_dev == real->st_dev && status.st_ino == real->st_ino) {
                return held_files[i].fd;
            }
        }
    }
    return -1;
}

/* A copy of a file that the program had open, as it was when the program was copied: what it wrote behind that since goes. The path
 * leads to it, too, as long as it led to that file. */
static long own_of_open(int fd, const struct stat *real, const char *path)
{
    struct stat named;
    int held = held_for(real);
    if (held >= 0) {
        return own_call(SYS_openat, AT_FDCWD, fd_path(held), O_RDWR, 0);
    }
    long own = copy_of_file(fd, true, 0);
    if (own < 0) {
        return own;
    }
    if (fd < KNOWN_FDS && kind_of(fd) == FD_FILE && copied.sizes[fd] < real->st_size) {
        own_call(SYS_ftruncate, own, copied.sizes[fd]);
    }
    take_likeness(own, real);
    char whole[512];
    if (path[0] == '/' && held_index(AT_FDCWD, path, whole) < 0 && own_call(SYS_newfstatat, AT_FDCWD, path, &named, 0) == 0 &&
        named.st_dev == real->st_dev && named.st_ino == real->st_ino) {
        hold_file(AT_FDCWD, path, move_away((int)own_call(SYS_fcntl, own, F_DUPFD_CLOEXEC, 0)));
    }
    return own;
}

/* Before the first write to a file that the program had open: from here on it is a copy of that file. */
static bool make_own(int fd)
{
    long offset = own_call(SYS_lseek, fd, 0, SEEK_CUR), flags = own_call(SYS_fcntl, fd, F_GETFL, 0);
    char path[512] = "";
    uint16_t known = fd < KNOWN_FDS ? path_of[fd] : 0;
    long length = known ? 0 : own_call(SYS_readlinkat, AT_FDCWD, fd_path(fd), path, sizeof path - 1);
    struct stat real;
    long own = own_call(SYS_fstat, fd, &real) == 0 ? own_of_open(fd, &real, path) : -1;
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
    if (fd == -2 && (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR))) {
        return -EISDIR;
    }
    if (fd == -2) {
        long opened = made(own_call(SYS_openat, AT_FDCWD, fd_path(empty_directory()), flags & ~O_NOFOLLOW, 0), FD_FILE);
        return stands_for(opened, AT_FDCWD, held_files[index].path, flags);
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

/* Whether the directory is there in which something is to be made. A copy that runs forward knows by what was noted. */
static bool has_a_place(long directory, const char *path)
{
    char whole[512], again[512];
    struct stat status;
    if ((!effects.evaluating && !inputs.another) || !whole_path(directory, path, whole) || strrchr(whole, '/') == whole) {
        return true;
    }
    *strrchr(whole, '/') = 0;
    int index = held_index(AT_FDCWD, whole, again);
    return index >= 0 ? held_files[index].fd == -2 : own_call(SYS_newfstatat, AT_FDCWD, whole, &status, 0) == 0;
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
            suspect_if_changed(of_library(path) ? CHANGED : OPENED, (int)opened); /* what is read of the program's own files is noted */
        }
        else if (replaying() && !inputs.another && !of_library(path) && strstr(path, ".so") == NULL) { /* those are looked for in many places */
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
    if (there != 0 && (there != -ENOENT || !(flags & O_CREAT) || !has_a_place(directory, path))) {
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
        take_likeness(content, &found);
    }
    else {
        look_new(content, mode);
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
        struct stat real;
        bool known = own_call(SYS_fstat, file, &real) == 0;
        content = known && S_ISDIR(real.st_mode) ? -2 : move_away((int)copy_of_file((int)file, true, O_CLOEXEC));
        own_call(SYS_close, file);
        if (known && content >= 0) {
            take_likeness(content, &real);
        }
        hold_file(from_directory, from, -1);
    }
    hold_file(to_directory, to, (int)content);
    return content < 0 && content != -2 ? content : 0;
}

/* Another name of a file. */
static long link_file(long from_directory, const char *from, long to_directory, const char *to)
{
    char whole[512];
    struct stat real;
    int index = held_index(from_directory, from, whole), other = held_index(to_directory, to, whole);
    note_refused("changes of the file system stay in the checkpoint");
    if (index >= 0 ? held_files[index].fd == -1 : own_call(SYS_newfstatat, from_directory, from, &real, 0) != 0) {
        return -ENOENT;
    }
    if (other >= 0 ? held_files[other].fd != -1 : own_call(SYS_newfstatat, to_directory, to, &real, AT_SYMLINK_NOFOLLOW) == 0) {
        return -EEXIST;
    }
    if (index >= 0 ? held_files[index].fd == -2 : !S_ISREG(real.st_mode)) {
        return -EPERM;
    }
    if (index < 0) { /* both are the same file in memory from here on */
        long opened = open_file(from_directory, from, O_RDWR | O_CLOEXEC, 0);
        if (opened < 0) {
            return opened;
        }
        own_call(SYS_close, opened);
        index = held_index(from_directory, from, whole);
    }
    if (index < 0) {
        return -EMLINK;
    }
    hold_file(to_directory, to, move_away((int)own_call(SYS_fcntl, held_files[index].fd, F_DUPFD_CLOEXEC, 0)));
    return 0;
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
    if (!has_a_place(directory, path)) {
        return -ENOENT;
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
        number = number == SYS_lgetxattr ? SYS_getxattr : number == SYS_llistxattr ? SYS_listxattr : number;
    }
    long result = own_call(number, changed[0], changed[1], changed[2], changed[3], changed[4], changed[5]);
    if (result == 0 && number == SYS_statx) {
        wear_likeness_x((struct statx *)a[4]);
    }
    else if (result == 0 && number == SYS_newfstatat) {
        wear_likeness((struct stat *)a[2]);
    }
#ifdef SYS_stat
    else if (result == 0 && (number == SYS_stat || number == SYS_lstat)) {
        wear_likeness((struct stat *)a[1]);
    }
#endif
    return result;
}
