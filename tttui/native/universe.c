/* A copy that goes on another way: from there it records into a ring of its own. */
#include "recorder.h"
#include "checkpoint.h"

/* Record into a ring of its own from here on: where the stream of this copy ends, that one begins. */
static bool take_ring(const char *path)
{
    memcpy(&header_kept, R.ring, sizeof header_kept);
    int fd = (int)own_call(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    long where = fd < 0 ? fd : own_call(SYS_mmap, R.ring, RING_HEADER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    for (int half = 0; half < 2 && where >= 0; half++) {
        where = own_call(SYS_mmap, R.data + half * R.capacity, R.capacity, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                         RING_HEADER_SIZE);
    }
    if (fd >= 0) {
        own_call(SYS_close, fd);
    }
    if (where < 0 || R.ring->capacity != R.capacity) {
        return false;
    }
    RingHeader *ring = R.ring;
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    ring->start_clock = now - (R.last_time - header_kept.start_clock); /* its clock goes on from here */
    ring->start_wall = header_kept.start_wall;
    ring->program_pid = own_call(SYS_getpid);
    ring->python_hex = PY_VERSION_HEX;
    ring->chunks = header_kept.chunks;
    memcpy(ring->chunk_start, header_kept.chunk_start, sizeof ring->chunk_start);
    ring->calls = R.calls;
    ring->events = R.events;
    ring->tail = ring->head = R.head;
    ring->output_seen = header_kept.output_seen;
    R.last_time = now;
    R.last_ticks = ticks();
    R.mask = R.capacity - 1;
    R.tail_seen = R.head;
    R.room_until = R.head + R.capacity - R.capacity / 4 - SLACK;
    __atomic_store_n(&ring->attached, 1, __ATOMIC_RELEASE);
    inputs.another = true;
    return true;
}

/* Write down whatever was changed from outside: the program's own lines didn't do it, so nobody would look. */
static void state_changes(void)
{
    Thread *thread = R.thread;
    size_t count = entry_count, found = 0;
    Entry **all = count > 0 ? malloc(count * sizeof *all) : NULL;
    if (thread == NULL || thread->top == NULL || !begin_write()) {
        free(all);
        return;
    }
    for (size_t i = 0; all != NULL && i < entry_capacity && found < count; i++) {
        if (entries[i] != NULL) {
            all[found++] = entries[i];
        }
    }
    Where where = {NULL, thread->top, true};
    for (size_t i = 0; i < found && has_room(); i++) {
        current_depth = all[i]->depth + 1;
        if ((all[i]->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)) == ENTRY_NAMESPACE) {
            put_contents(all[i], OB_SNAPSHOT);
        }
        else {
            check_entry(all[i], &where);
        }
        drain();
    }
    current_depth = 0;
    free(all);
    for (Shadow *shadow = thread->top; shadow != NULL; shadow = shadow->parent) {
        for (int i = 0; i < shadow->code->slots; i++) {
            remember_slot(shadow, i, frame_slot(shadow->frame, i));
        }
    }
    put_stack(thread);
    publish();
}

/* As a command says: into the ring at a path, up to the line that stands behind that, if one does. */
static void begin_universe(char *text, size_t length)
{
    char *stop = text + strlen(text) + 1;
    stop_count = 0;
    stops_over = false;
    if (stop < text + length) {
        add_stop(stop, strtol(stop, NULL, 10));
    }
    uint64_t last_time = R.last_time;
    if (!take_ring(text)) {
        give_up("the ring could not be taken in");
    }
    if (!effects.let_out) {
        hide_what_is_not_yet();
        begin_elsewhere(last_time);
    }
}
