/* Answers to the system calls of a copy, from what the program got; false where none is known. */
#include "recorder.h"
#include "checkpoint.h"

#include <sys/resource.h>
#include <sys/select.h>

static bool replay(int kind, int64_t which, long *result, const uint8_t **data, size_t *length)
{
    if (!replaying() || again.unnoted) {
        return false;
    }
    const InputHead *head = next_input(kind, which, data, length);
    if (head == NULL || (which >= 0 && head->which != which)) {
        return false;
    }
    *result = head->result;
    return true;
}

static bool replay_bytes(int kind, int64_t which, void *buffer, size_t room, long *result)
{
    const uint8_t *data;
    size_t length;
    if (!replay(kind, which, result, &data, &length)) {
        return false;
    }
    memcpy(buffer, data, length < room ? length : room);
    return true;
}

static bool replay_sets(const long *a, long *result)
{
    const uint8_t *data;
    size_t length, size = ((size_t)a[0] + 63) / 64 * 8, used = 0;
    if (!replay(INPUT_POLL, 1, result, &data, &length)) {
        return false;
    }
    for (int i = 1; i <= 3; i++) {
        if (a[i] != 0 && used + size <= length) {
            memcpy((void *)a[i], data + used, size);
            used += size;
        }
    }
    return true;
}

static bool replay_wait(int *status, void *usage, long *result)
{
    const uint8_t *data;
    size_t length;
    if (!replay(INPUT_WAIT, 0, result, &data, &length) || length < sizeof(int)) {
        return false;
    }
    if (status != NULL) {
        memcpy(status, data, sizeof(int));
    }
    if (usage != NULL && length == sizeof(int) + sizeof(struct rusage)) {
        memcpy(usage, data + sizeof(int), sizeof(struct rusage));
    }
    return true;
}

/* The next input of one of two kinds from `at` on; NULL where there is none. */
static const uint8_t *find_input(const uint8_t *at, int kind, int or_kind, InputHead *head)
{
    while (inputs.end - at >= (ptrdiff_t)(sizeof(RingOutput) + sizeof *head)) {
        RingOutput record;
        memcpy(&record, at, sizeof record);
        memcpy(head, at + sizeof record, sizeof *head);
        at += sizeof record + ((record.length + 7) & ~(size_t)7);
        if (record.descriptor == (uint32_t)(INPUT_MARK + kind) || record.descriptor == (uint32_t)(INPUT_MARK + or_kind)) {
            return at;
        }
    }
    return NULL;
}

/* A child that libc started for posix_spawn() or system(): nothing told of it. It is the next one by its number of those
 * that are waited for and whose start isn't noted. Where there was no such program libc waits at once; which error it was
 * isn't known, but this is the one that it mostly is. */
static long next_child(void)
{
    enum { MOST = 64 };
    int64_t result, started[MOST];
    int count = 0;
    const uint8_t *at = inputs.at, *data;
    size_t length;
    if (next_if(INPUT_WAIT, UNSPAWNED, &result, &data, &length)) {
        this_call(SYS_wait4);
        return -ENOENT;
    }
    InputHead head;
    long child = 0;
    while ((at = find_input(at, INPUT_WAIT, INPUT_FORK, &head)) != NULL) {
        bool known = head.result <= inputs.last_child;
        for (int i = 0; i < count; i++) {
            known = known || started[i] == head.result;
        }
        if (!known && count < MOST) {
            started[count++] = head.result;
            /* its end before its start: so it is the one */
            child = head.which == STARTED ? child : child == 0 || head.result < child ? head.result : child;
        }
    }
    inputs.last_child = child > inputs.last_child ? child : inputs.last_child;
    return child;
}
