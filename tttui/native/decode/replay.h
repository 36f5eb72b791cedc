/* Runs through a chunk and keeps what is true at each record: the threads, their stacks, and where
 * each variable's last value stands. No Python object is made on the way. */
#ifndef TTTUI_REPLAY_H
#define TTTUI_REPLAY_H

#include "map.h"
#include "record.h"

/* What a chunk may ask for at most; more than any program has, so that hostile bytes can't ask for
 * all memory. */
#define MOST_FRAMES (2u << 20)
#define MOST_THREADS (1u << 20)
#define MOST_SLOTS (1u << 20)      /* in one frame */
#define MOST_SLOTS_HELD (32u << 20) /* in all frames together, 4 bytes each */

typedef struct {
    uint64_t call, code;
    uint64_t caller; /* caller's lasti+1 */
    uint64_t names;  /* namespace object */
    int64_t line;
    uint32_t *slots;     /* owned: 1 + offset of the last value of each slot, 0: none seen */
    uint32_t slot_count; /* length of `slots` */
    uint32_t below;      /* 1 + index of the frame below it (or of the next unused one), 0: none */
    uint32_t mark;       /* for whoever runs through the chunk; 0 when the frame is first met */
    uint64_t last;       /* 1 + its latest event in this chunk, 0: it had none yet */
    uint64_t before;     /* the same before the event that was read last (if that is one of its own) */
    int64_t line_before; /* its line then */
    uint64_t entered;    /* calls of the thread when it came onto the stack in this chunk */
    uint64_t inside;     /* calls made while it was on the stack before that */
    uint64_t children;   /* calls that it made itself */
} ReplayFrame;

typedef struct {
    uint64_t id, task;
    uint32_t top; /* 1 + index of the innermost frame, 0: none */
    uint32_t depth;   /* frames on the stack */
    uint8_t last_tag; /* of its latest event in this chunk, 0: none */
    uint8_t tag_before; /* the same before the event that was read last */
    uint64_t calls;   /* made in this chunk */
} ReplayThread;

typedef struct {
    Cursor cursor;
    ReplayFrame *frames; /* owned; on a stack, suspended, or unused */
    uint32_t frame_count, frame_capacity, unused_frame;
    uint32_t slots_held;
    ReplayThread *threads; /* owned */
    uint32_t thread_count, thread_capacity;
    uint32_t current;    /* index of the thread in which things happen */
    Map thread_of;       /* id: 1 + index */
    Map suspended;       /* call: 1 + index of its frame */
    uint64_t first_event, first_call, first_object, start_time;
    uint64_t event;      /* the event at which the last record read is visible (its own number) */
    uint64_t calls, objects, time;
    uint64_t foreign;    /* the same of ST_FOREIGN */
    uint64_t loose;      /* 1 + the last event at which ST_LOOSE stood, 0: none in this chunk */
    uint32_t value_before; /* 1 + offset of what the variable read last was before, 0: not seen */
    bool restating;      /* variables tell what they were, they did not change now */
    uint8_t leaving;     /* tag of the event that was read last, 0: it was not an event */
    bool out_of_memory;
} Replay;

/* Reads the CHUNK record. False at an error (cursor.error or out_of_memory). */
bool replay_begin(Replay *replay, const uint8_t *chunk, size_t size);
/* Reads the next record and does what it says; false at the end and at an error. */
bool replay_step(Replay *replay, Record *record);
void replay_end(Replay *replay);

static inline ReplayThread *replay_thread(const Replay *replay)
{
    return &replay->threads[replay->current];
}

/* The current frame; NULL: none. */
static inline ReplayFrame *replay_frame(const Replay *replay)
{
    uint32_t top = replay->threads[replay->current].top;
    return top != 0 ? &replay->frames[top - 1] : NULL;
}

/* Calls made while a frame of the current thread's stack was on it, in this chunk. */
static inline uint64_t calls_inside(const Replay *replay, const ReplayFrame *frame)
{
    return frame->inside + replay_thread(replay)->calls - frame->entered;
}

/* What ran last before an event that was just read, in the frame whose code did what became visible
 * at it: the event's own frame, or at its beginning the one that called or resumed it. */
typedef struct {
    const ReplayFrame *frame; /* NULL: no code that is recorded */
    uint64_t event;           /* 1 + the event, 0: before this chunk */
    int64_t line;
} Doer;

static inline Doer doer_of(const Replay *replay, const Record *record)
{
    const ReplayFrame *frame = replay_frame(replay);
    if (record->tag != EV_CALL && record->tag != EV_RESUME && record->tag != EV_THROW)
        return (Doer){frame, frame->before, frame->line_before};
    if (frame->below == 0)
        return (Doer){0};
    const ReplayFrame *caller = &replay->frames[frame->below - 1];
    return (Doer){caller, caller->last, caller->line};
}

#endif
