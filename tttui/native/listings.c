/* What a copy lists of a directory in which it has made or removed something: neither is so in the real one. */
#include "recorder.h"

#include <dirent.h>

struct listed_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

/* The entries of a piece of the real directory that are still there; gives their bytes. */
static long leave_removed_out(char *buffer, long got, char *whole, size_t length)
{
    long kept = 0;
    for (long at = 0, size; at < got; at += size) {
        struct listed_entry *entry = (struct listed_entry *)(buffer + at);
        size = entry->length;
        size_t name = strlen(entry->name);
        bool removed = false;
        if (length + name + 2 <= 512) {
            whole[length] = '/';
            memcpy(whole + length + 1, entry->name, name + 1);
            for (int i = 0; i < held_count && !removed; i++) {
                removed = held_files[i].fd == -1 && strcmp(held_files[i].path, whole) == 0;
            }
        }
        if (!removed) {
            memmove(buffer + kept, entry, (size_t)size);
            kept += size;
        }
    }
    whole[length] = 0;
    return kept;
}

/* What was made there, from where the listing is; as much of it as there is room for. */
static long list_made(long fd, char *buffer, size_t room, const char *whole, size_t length, bool made)
{
    size_t used = 0;
    struct stat status;
    for (; listed[fd] < held_count; listed[fd]++) {
        const char *path = held_files[listed[fd]].path, *name = path + length + 1;
        int content = held_files[listed[fd]].fd;
        if (content == -1 || strncmp(path, whole, length) != 0 || path[length] != '/' || strchr(name, '/') != NULL ||
            (!made && own_call(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0)) {
            continue; /* the real one lists it */
        }
        size_t size = (offsetof(struct listed_entry, name) + strlen(name) + 8) & ~(size_t)7;
        if (used + size > room) {
            break;
        }
        struct listed_entry *entry = (struct listed_entry *)(buffer + used);
        entry->inode = (uint64_t)listed[fd] + 1;
        entry->offset = listed[fd] + 1;
        entry->length = (uint16_t)size;
        entry->type = content == -2 ? DT_DIR : DT_REG;
        strcpy(entry->name, name);
        used += size;
    }
    return (long)used;
}

static long list_directory(long fd, char *buffer, size_t room)
{
    char whole[512];
    long got = own_call(SYS_getdents64, fd, buffer, room);
    if (held_count == 0 || fd < 0 || fd >= KNOWN_FDS || !whole_path(fd, ".", whole)) {
        return got;
    }
    size_t length = strlen(whole);
    while (got > 0) {
        listed[fd] = 0;
        long kept = leave_removed_out(buffer, got, whole, length);
        if (kept > 0) {
            return kept;
        }
        got = own_call(SYS_getdents64, fd, buffer, room);
    }
    return got == 0 || got == -ENOENT ? list_made(fd, buffer, room, whole, length, path_of[fd] > 0) : got;
}
