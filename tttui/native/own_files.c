/* The files in memory of a copy of a copy: its own, in the place of those that it shares with the other. What led to the same one,
 * a path, descriptors, memory, leads to the same one again. */
#include "recorder.h"

#define MOST_TAKEN 1024

static struct {
    uint64_t inode; /* of the other's file        */
    int fd;         /* of the one in its place    */
} taken[MOST_TAKEN];
static int taken_count;

static bool is_taken(int fd)
{
    for (int i = 0; i < taken_count; i++) {
        if (taken[i].fd == fd) {
            return true;
        }
    }
    return false;
}

static int note_taken_file(uint64_t inode, long fd)
{
    fd = move_away((int)fd);
    if (fd >= 0 && taken_count < MOST_TAKEN) {
        taken[taken_count].inode = inode;
        taken[taken_count++].fd = (int)fd;
    }
    return (int)fd;
}

static int taken_for(uint64_t inode)
{
    for (int i = 0; i < taken_count; i++) {
        if (taken[i].inode == inode) {
            return taken[i].fd;
        }
    }
    return -1;
}

/* The file in the place of the one that a descriptor is open for. */
static int in_place_of(int fd)
{
    struct stat status;
    if (own_call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) != 0) {
        return -1;
    }
    int own = taken_for(status.st_ino);
    if (own < 0) {
        long readable = own_call(SYS_openat, AT_FDCWD, fd_path(fd), O_RDONLY | O_CLOEXEC, 0);
        if (readable >= 0) {
            own = note_taken_file(status.st_ino, copy_of_file((int)readable, true, O_CLOEXEC));
            own_call(SYS_close, readable);
            move_likeness(&status, own);
        }
    }
    return own;
}

/* A descriptor of a file in memory becomes one of our own file, at the same offset. */
static bool take_own(int fd)
{
    long flags = own_call(SYS_fcntl, fd, F_GETFL, 0), offset = own_call(SYS_lseek, fd, 0, SEEK_CUR);
    int file = in_place_of(fd);
    long opened = file < 0 ? -1 : own_call(SYS_openat, AT_FDCWD, fd_path(file), (flags & (O_ACCMODE | O_APPEND | O_NONBLOCK)) | O_CLOEXEC, 0);
    if (opened < 0) {
        return false;
    }
    own_call(SYS_lseek, opened, offset > 0 ? offset : 0, SEEK_SET);
    replace_fd((int)opened, fd);
    own_call(SYS_close, opened);
    return true;
}

/* Memory that is a part of such a file. */
static void take_own_memory(const Mapping *mapping)
{
    size_t size = mapping->to - mapping->from;
    int file = taken_for(mapping->inode);
    if (file < 0) { /* nothing else leads to it any more */
        file = note_taken_file(mapping->inode, own_call(SYS_memfd_create, "held back", MFD_CLOEXEC));
        own_call(SYS_pwrite64, file, mapping->from, size, mapping->offset);
    }
    own_call(SYS_mmap, mapping->from, size, mapping->protection, MAP_SHARED | MAP_FIXED, file, mapping->offset);
}

/* All of them, once its descriptors are its own. */
static bool take_own_files(void)
{
    for (int i = 0; i < held_count; i++) {
        if (held_files[i].fd >= 0) {
            int own = in_place_of(held_files[i].fd);
            if (own < 0) {
                return false;
            }
            own_call(SYS_dup3, own, held_files[i].fd, O_CLOEXEC);
        }
    }
    unshare_memory();
    while (taken_count > 0) {
        own_call(SYS_close, taken[--taken_count].fd);
    }
    return true;
}
