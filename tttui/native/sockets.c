/* What the program gets to know by its sockets. A copy has none that lead anywhere: it is told what the program
 * was told. What is only received is in inputs.c. */
#include "recorder.h"
#include "checkpoint.h"

#include <sys/ioctl.h>

/* A call on a socket: noted whatever it gives, with the address or option that it tells. */
static long socket_call(long number, int fd, long a, long b, long c, void *data, socklen_t *size)
{
    uint8_t said[sizeof(socklen_t) + 512];
    int64_t result, call = this_call(number);
    if (given_again(call, &result, said, sizeof said)) {
        socklen_t whole;
        memcpy(&whole, said, sizeof whole);
        if (data != NULL && size != NULL && result >= 0) {
            size_t room = *size < whole ? *size : whole;
            memcpy(data, said + sizeof whole, room < 512 ? room : 512);
            *size = whole;
        }
        return given(result);
    }
    long done = syscall(number, fd, a, b, c, size);
    bool tells = data != NULL && size != NULL && done >= 0;
    socklen_t whole = tells ? *size : 0;
    memcpy(said, &whole, sizeof whole);
    size_t length = whole < 512 ? whole : 512;
    if (tells) {
        memcpy(said + sizeof whole, data, length);
    }
    note_call(call, outcome(done), said, sizeof whole + length);
    return done;
}

static int noted_connect(int fd, const struct sockaddr *address, socklen_t size)
{
    int64_t result, call = this_call(SYS_connect);
    if (given_again(call, &result, NULL, 0)) {
        if (fd >= 0 && fd < KNOWN_FDS && copied.fds[fd] == FD_SOCKET) {
            copied.fds[fd] = FD_GONE;
        }
        return (int)given(result);
    }
    int done = (int)syscall(SYS_connect, fd, address, size);
    note_call(call, outcome(done), NULL, 0);
    return done;
}

static int noted_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
    uint8_t said[sizeof(socklen_t) + sizeof(struct sockaddr_storage)] = {0};
    int64_t result, call = this_call(SYS_accept4);
    socklen_t whole = 0;
    if (given_again(call, &result, said, sizeof said)) {
        memcpy(&whole, said, sizeof whole);
        if (result >= 0) {
            result = made(own_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | (flags & SOCK_CLOEXEC ? O_CLOEXEC : 0), 0), FD_GONE);
        }
        if (result >= 0 && address != NULL && size != NULL) {
            memcpy(address, said + sizeof whole, *size < whole ? *size : whole);
            *size = whole;
        }
        return (int)given(result);
    }
    int done = (int)waiting_call(SYS_accept4, fd, LONG(address), LONG(size), flags, 0, 0);
    if (done >= 0 && address != NULL && size != NULL) {
        whole = *size;
        memcpy(said + sizeof whole, address, whole < sizeof said - sizeof whole ? whole : sizeof said - sizeof whole);
    }
    memcpy(said, &whole, sizeof whole);
    note_call(call, outcome(done), said, sizeof said);
    return done;
}

static int noted_accept(int fd, struct sockaddr *address, socklen_t *size) { return noted_accept4(fd, address, size, 0); }

static int noted_getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
    return (int)socket_call(SYS_getsockname, fd, LONG(address), LONG(size), 0, address, size);
}

static int noted_getpeername(int fd, struct sockaddr *address, socklen_t *size)
{
    return (int)socket_call(SYS_getpeername, fd, LONG(address), LONG(size), 0, address, size);
}

static int noted_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    return (int)socket_call(SYS_getsockopt, fd, level, name, LONG(value), value, size);
}

static int noted_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    return (int)changed(SYS_setsockopt, fd, level, name, LONG(value), (long)size);
}

static int noted_bind(int fd, const struct sockaddr *address, socklen_t size) { return (int)pretended(SYS_bind, fd, LONG(address), (long)size, 0); }
static int noted_listen(int fd, int backlog) { return (int)pretended(SYS_listen, fd, backlog, 0, 0); }
static int noted_shutdown(int fd, int how) { return (int)pretended(SYS_shutdown, fd, how, 0, 0); }

/* ---- sending: all of it, unless something else was noted ---- */

static ssize_t noted_sendto(int fd, const void *bytes, size_t count, int flags, const struct sockaddr *to, socklen_t size)
{
    int64_t result, call = this_call(SYS_sendto);
    if (given_again(call, &result, NULL, 0)) {
        return given(result);
    }
    if (replaying() && !inputs.another) {
        return (ssize_t)count;
    }
    ssize_t sent = waiting_call(SYS_sendto, fd, LONG(bytes), (long)count, flags, LONG(to), (long)size);
    if (sent != (ssize_t)count) {
        note_call(call, outcome(sent), NULL, 0);
    }
    return sent;
}

static ssize_t noted_send(int fd, const void *bytes, size_t count, int flags) { return noted_sendto(fd, bytes, count, flags, NULL, 0); }

static size_t all_of(const struct msghdr *message)
{
    size_t all = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        all += message->msg_iov[i].iov_len;
    }
    return all;
}

static ssize_t noted_sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (overlooked_before_writing(fd)) {
        note_call(this_call(SYS_sendmsg), -EINTR, NULL, 0);
        return given(-EINTR);
    }
    return pretended(SYS_sendmsg, fd, LONG(message), flags, (long)all_of(message));
}

/* Several at a time, as libc asks for the address of a name. */
static int noted_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    int64_t result, call = this_call(SYS_sendmmsg);
    bool told = given_again(call, &result, NULL, 0);
    if (!told && (!replaying() || inputs.another)) {
        long sent = syscall(SYS_sendmmsg, fd, messages, count, flags);
        if (sent != (long)count) {
            note_call(call, outcome(sent), NULL, 0);
        }
        return (int)sent;
    }
    result = told ? result : (int64_t)count;
    for (int64_t i = 0; i < result && i < (int64_t)count; i++) {
        messages[i].msg_len = (unsigned)all_of(&messages[i].msg_hdr);
    }
    return (int)given(result);
}

/* ---- receiving, with who sent it ---- */

typedef struct {
    socklen_t name, control;
    int flags;
} Received;
#define LARGEST_RECEIVED (64 * 1024)

/* Descriptors that came with a message lead nowhere in a copy, but have the numbers that they had. */
static void stand_in_for_descriptors(struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            for (size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
                int wanted;
                memcpy(&wanted, CMSG_DATA(part) + at, sizeof wanted);
                int fd = (int)own_call(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
                if (fd >= 0 && fd != wanted) {
                    own_call(SYS_dup3, fd, wanted, O_CLOEXEC);
                    own_call(SYS_close, fd);
                }
                made(wanted, FD_GONE);
            }
        }
    }
}

static ssize_t noted_recvmsg(int fd, struct msghdr *message, int flags)
{
    static uint8_t said[LARGEST_RECEIVED];
    int64_t result, call = this_call(SYS_recvmsg);
    Received received;
    if (given_again(call, &result, said, sizeof said)) {
        memcpy(&received, said, sizeof received);
        const uint8_t *from = said + sizeof received;
        if (result >= 0) {
            memcpy(message->msg_name, from, received.name < message->msg_namelen ? received.name : message->msg_namelen);
            from += received.name;
            memcpy(message->msg_control, from, received.control < message->msg_controllen ? received.control : message->msg_controllen);
            from += received.control;
            message->msg_namelen = received.name;
            message->msg_controllen = received.control;
            message->msg_flags = received.flags;
            size_t left = (size_t)result;
            for (size_t i = 0; i < message->msg_iovlen && left > 0; i++) {
                size_t piece = message->msg_iov[i].iov_len < left ? message->msg_iov[i].iov_len : left;
                memcpy(message->msg_iov[i].iov_base, from, piece);
                from += piece;
                left -= piece;
            }
            stand_in_for_descriptors(message);
        }
        return given(result);
    }
    ssize_t got = waiting_call(SYS_recvmsg, fd, LONG(message), flags, 0, 0, 0);
    if (!noting_calls()) {
        return got;
    }
    received = (Received){0, 0, 0};
    size_t used = sizeof received;
    if (got >= 0) {
        received = (Received){message->msg_name != NULL ? message->msg_namelen : 0, (socklen_t)message->msg_controllen, message->msg_flags};
        if (used + received.name + received.control + (size_t)got > sizeof said) {
            stop_noting();
            return got;
        }
        memcpy(said + used, message->msg_name, received.name);
        used += received.name;
        memcpy(said + used, message->msg_control, received.control);
        used += received.control;
        size_t left = (size_t)got;
        for (size_t i = 0; i < message->msg_iovlen && left > 0; i++) {
            size_t piece = message->msg_iov[i].iov_len < left ? message->msg_iov[i].iov_len : left;
            memcpy(said + used, message->msg_iov[i].iov_base, piece);
            used += piece;
            left -= piece;
        }
    }
    memcpy(said, &received, sizeof received);
    note_call(call, outcome(got), said, used);
    return got;
}

static ssize_t noted_recvfrom(int fd, void *buffer, size_t count, int flags, struct sockaddr *address, socklen_t *length)
{
    if (address == NULL) {
        this_call(SYS_recvfrom);
        ssize_t got = waiting_call(SYS_recvfrom, fd, LONG(buffer), (long)count, flags, LONG(address), LONG(length));
        if (noting_inputs()) {
            note_input(INPUT_READ, outcome(got), fd, buffer, got > 0 && (size_t)got <= count ? (size_t)got : 0);
        }
        return got;
    }
    struct iovec piece = {buffer, count};
    struct msghdr message = {.msg_name = address, .msg_namelen = *length, .msg_iov = &piece, .msg_iovlen = 1};
    ssize_t got = noted_recvmsg(fd, &message, flags);
    if (got >= 0) {
        *length = message.msg_namelen;
    }
    return got;
}

static ssize_t noted_recv(int fd, void *buffer, size_t count, int flags) { return noted_recvfrom(fd, buffer, count, flags, NULL, NULL); }

static const struct Replaced replaced_of_sockets[] = {
    {"connect", (void *)noted_connect}, {"accept", (void *)noted_accept}, {"accept4", (void *)noted_accept4},
    {"bind", (void *)noted_bind}, {"listen", (void *)noted_listen}, {"shutdown", (void *)noted_shutdown},
    {"getsockname", (void *)noted_getsockname}, {"getpeername", (void *)noted_getpeername},
    {"getsockopt", (void *)noted_getsockopt}, {"setsockopt", (void *)noted_setsockopt}, {"send", (void *)noted_send},
    {"sendto", (void *)noted_sendto}, {"sendmsg", (void *)noted_sendmsg}, {"sendmmsg", (void *)noted_sendmmsg},
    {"recvmsg", (void *)noted_recvmsg},
    {"recv", (void *)noted_recv}, {"recvfrom", (void *)noted_recvfrom},
};
