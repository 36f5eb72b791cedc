/* A library that reads by itself: with libc's stdio, and past it. */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *all_lines(const char *path, const char *mode)
{
    static char all[4096];
    char *line = NULL;
    size_t room = 0, used = 0;
    FILE *file = fopen(path, mode);
    ssize_t length;
    while (file != NULL && (length = getline(&line, &room, file)) > 0) {
        length = (size_t)length < sizeof all - 1 - used ? length : (ssize_t)(sizeof all - 1 - used);
        memcpy(all + used, line, (size_t)length);
        used += (size_t)length;
    }
    all[used] = 0;
    free(line);
    if (file != NULL) {
        fclose(file);
    }
    return all;
}

char *lines(const char *path) { return all_lines(path, "r"); }

/* libc makes system calls of its own for these. */
char *lines_without_cancellation(const char *path) { return all_lines(path, "rc"); }

/* As libffi does: whether the code of this function is found before the end of the list of what is mapped. */
int finds_itself(void)
{
    char path[64], *line = NULL;
    size_t room = 0;
    unsigned long from, to, here = (unsigned long)(void *)finds_itself;
    int found = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)getpid());
    FILE *file = fopen(path, "r");
    while (file != NULL && !found && getline(&line, &room, file) > 0) {
        found = sscanf(line, "%lx-%lx", &from, &to) == 2 && from <= here && here < to;
    }
    free(line);
    if (file != NULL) {
        fclose(file);
    }
    return found;
}

/* Three bytes of what a descriptor leads to, which stays open. */
char *three_by_stdio(int fd)
{
    static char three[4];
    FILE *file = fdopen(fd, "r");
    setvbuf(file, NULL, _IONBF, 0);
    memset(three, 0, sizeof three);
    return fread(three, 1, 3, file) == 3 ? three : strcpy(three, "?");
}

char *three_past_libc(int fd)
{
    static char three[4];
    return syscall(SYS_read, fd, three, 3L) == 3 ? three : strcpy(three, "?");
}

int ready_past_libc(int fd)
{
    struct pollfd state = {fd, POLLIN, 0};
    struct timespec none = {0, 0};
    return (int)syscall(SYS_ppoll, &state, 1L, &none, NULL, 8L);
}

/* As libuv waits. */
int ready_by_libc(int fd)
{
    struct epoll_event wanted = {.events = EPOLLIN}, ready;
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wanted);
    int count = epoll_pwait(epoll, &ready, 1, 0, NULL);
    close(epoll);
    return count;
}

extern void arc4random_buf(void *, size_t) __attribute__((weak)); /* libc has it from 2.36 on */

unsigned chance(void)
{
    unsigned number = 0, other = 0;
    if (arc4random_buf != NULL) {
        arc4random_buf(&other, sizeof other);
    }
    return getentropy(&number, sizeof number) == 0 ? number ^ other : 0;
}

unsigned chance_past_libc(void)
{
    unsigned number = 0;
    return syscall(SYS_getrandom, &number, (long)sizeof number, 0L) == (long)sizeof number ? number : 0;
}

/* As libraries take it for themselves. */
int takes_chance_past_libc(void) { return chance_past_libc() != 0; }
