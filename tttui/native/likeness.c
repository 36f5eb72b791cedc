/* What a file in memory tells of itself: what the file does that it stands for, with the number, the mode and, as long as it isn't
 * written, the times that the program was told of. Else a library takes it for another file: sqlite doesn't write to one whose path
 * leads elsewhere by now, and what reloads changed templates would do so. */
#include "recorder.h"

static struct {
    uint64_t inode;          /* of the file in memory                                             */
    struct timespec written; /* it was as it is told to be when it had been written to then,      */
    off_t size;              /* and was of this size                                              */
    struct stat of;          /* the other one                                                     */
} likenesses[MOST_HELD];
static int likeness_count;
static dev_t memory_device;  /* of all files in memory                                            */

static int likeness_of(const struct stat *own)
{
    for (int i = 0; i < likeness_count && own->st_dev == memory_device; i++) {
        if (likenesses[i].inode == own->st_ino) {
            return i;
        }
    }
    return -1;
}

static bool is_unwritten(int index, const struct stat *own)
{
    return memcmp(&own->st_mtim, &likenesses[index].written, sizeof own->st_mtim) == 0 && own->st_size == likenesses[index].size;
}

/* From here on a file in memory is told to be another one, and not to have been written to since. */
static void take_likeness(long fd, const struct stat *of)
{
    struct stat own;
    if (fd < 0 || own_call(SYS_newfstatat, fd, "", &own, AT_EMPTY_PATH) != 0) {
        return;
    }
    int index = likeness_of(&own);
    if (index < 0) {
        if (likeness_count == MOST_HELD) {
            return;
        }
        index = likeness_count++;
        memory_device = own.st_dev;
        likenesses[index].inode = own.st_ino;
    }
    likenesses[index].written = own.st_mtim;
    likenesses[index].size = own.st_size;
    likenesses[index].of = *of;
}

/* What was told of a file in memory itself becomes what is told of the one that it stands for. */
static void wear_likeness(struct stat *own)
{
    int index = likeness_of(own);
    if (index < 0) {
        return;
    }
    struct stat told = likenesses[index].of;
    told.st_size = own->st_size;
    told.st_blocks = own->st_blocks;
    if (!is_unwritten(index, own)) {
        told.st_mtim = own->st_mtim;
        told.st_ctim = own->st_ctim;
    }
    *own = told;
}

static void wear_likeness_x(struct statx *own)
{
    struct stat plain = {.st_dev = makedev(own->stx_dev_major, own->stx_dev_minor), .st_ino = own->stx_ino, .st_size = (off_t)own->stx_size};
    plain.st_mtim = (struct timespec){own->stx_mtime.tv_sec, own->stx_mtime.tv_nsec};
    int index = likeness_of(&plain);
    if (index < 0) {
        return;
    }
    const struct stat *of = &likenesses[index].of;
    own->stx_dev_major = major(of->st_dev);
    own->stx_dev_minor = minor(of->st_dev);
    own->stx_ino = of->st_ino;
    own->stx_mode = (uint16_t)of->st_mode;
    own->stx_nlink = (uint32_t)of->st_nlink;
    own->stx_uid = of->st_uid;
    own->stx_gid = of->st_gid;
    if (is_unwritten(index, &plain)) {
        own->stx_mtime.tv_sec = of->st_mtim.tv_sec;
        own->stx_mtime.tv_nsec = (uint32_t)of->st_mtim.tv_nsec;
        own->stx_ctime.tv_sec = of->st_ctim.tv_sec;
        own->stx_ctime.tv_nsec = (uint32_t)of->st_ctim.tv_nsec;
    }
}

/* A new file: what the program would have made it. */
static void look_new(long fd, long mode)
{
    struct stat own;
    if (fd >= 0 && own_call(SYS_newfstatat, fd, "", &own, AT_EMPTY_PATH) == 0) {
        long mask = own_call(SYS_umask, 077L);
        own_call(SYS_umask, mask);
        own.st_mode = S_IFREG | (mode_t)(mode & ~mask & 07777);
        own.st_nlink = 1;
        take_likeness(fd, &own);
    }
}

/* The file with the content `other` takes the place of one that was `own`. */
static void move_likeness(const struct stat *own, int other)
{
    int index = likeness_of(own);
    struct stat status = *own;
    if (index >= 0) {
        wear_likeness(&status);
        take_likeness(other, &status);
    }
}

/* The program changes the mode of a file in memory, or its times; `times` as utimensat() takes them. */
static void change_likeness(long fd, long mode, const struct timespec *times)
{
    struct stat status;
    if (fd < 0 || own_call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) != 0 || likeness_of(&status) < 0) {
        return;
    }
    wear_likeness(&status);
    if (mode >= 0) {
        status.st_mode = (status.st_mode & S_IFMT) | (mode_t)(mode & 07777);
    }
    else {
        struct timespec now = {0, 0};
        own_call(SYS_clock_gettime, CLOCK_REALTIME, &now);
        if (times == NULL || times[0].tv_nsec != UTIME_OMIT) {
            status.st_atim = times == NULL || times[0].tv_nsec == UTIME_NOW ? now : times[0];
        }
        if (times == NULL || times[1].tv_nsec != UTIME_OMIT) {
            status.st_mtim = times == NULL || times[1].tv_nsec == UTIME_NOW ? now : times[1];
        }
    }
    take_likeness(fd, &status);
}
