#include "replay.h"

#include <stdlib.h>
#include <string.h>

/* The error is at the record (or field) that begins at `place`. */
static bool fail_at(Replay *replay, const uint8_t *place, const char *error)
{
    replay->cursor.at = place;
    cursor_fail(&replay->cursor, error);
    return false;
}

static bool fail_without_memory(Replay *replay)
{
    replay->out_of_memory = true;
    return false;
}

/* ---- frames ---- */

/* Index of an unused frame with no slot set; UINT32_MAX after an error. */
static uint32_t take_frame(Replay *replay)
{
    uint32_t index;
    if (replay->unused_frame != 0) {
        index = replay->unused_frame - 1;
        replay->unused_frame = replay->frames[index].below;
    } else {
        if (replay->frame_count == replay->frame_capacity) {
            uint32_t capacity = replay->frame_capacity != 0 ? replay->frame_capacity * 2 : 64;
            if (capacity > MOST_FRAMES) {
                cursor_fail(&replay->cursor, "there are too many frames");
                return UINT32_MAX;
            }
            ReplayFrame *frames = realloc(replay->frames, capacity * sizeof(ReplayFrame));
            if (frames == NULL) {
                fail_without_memory(replay);
                return UINT32_MAX;
            }
            replay->frames = frames;
            replay->frame_capacity = capacity;
        }
        index = replay->frame_count++;
        replay->frames[index] = (ReplayFrame){0};
    }
    ReplayFrame *frame = &replay->frames[index];
    if (frame->slot_count != 0)
        memset(frame->slots, 0, frame->slot_count * sizeof(uint32_t));
    frame->mark = 0;
    frame->last = frame->before = frame->inside = frame->children = 0;
    return index;
}

static void drop_frame(Replay *replay, uint32_t index)
{
    replay->frames[index].below = replay->unused_frame;
    replay->unused_frame = index + 1;
}

static bool grow_slots(Replay *replay, ReplayFrame *frame, uint64_t slot)
{
    uint32_t count = 8;
    if (slot < MOST_SLOTS)
        while (count <= slot)
            count *= 2;
    if (slot >= MOST_SLOTS || replay->slots_held + (count - frame->slot_count) > MOST_SLOTS_HELD) {
        cursor_fail(&replay->cursor, "there are too many variables");
        return false;
    }
    uint32_t *slots = realloc(frame->slots, count * sizeof(uint32_t));
    if (slots == NULL)
        return fail_without_memory(replay);
    memset(slots + frame->slot_count, 0, (count - frame->slot_count) * sizeof(uint32_t));
    replay->slots_held += count - frame->slot_count;
    frame->slots = slots;
    frame->slot_count = count;
    return true;
}

static inline bool set_slot(Replay *replay, ReplayFrame *frame, uint64_t slot, const uint8_t *value)
{
    if (slot >= frame->slot_count && !grow_slots(replay, frame, slot))
        return false;
    frame->slots[slot] = (uint32_t)(value - replay->cursor.start) + 1;
    return true;
}

/* Puts a frame on top of the current thread's stack. */
static void enter_frame(Replay *replay, uint32_t index)
{
    ReplayThread *thread = replay_thread(replay);
    ReplayFrame *frame = &replay->frames[index];
    frame->entered = thread->calls;
    frame->below = thread->top;
    thread->top = index + 1;
    thread->depth++;
}

static bool push_frame(Replay *replay, const Record *record)
{
    uint32_t index = take_frame(replay);
    if (index == UINT32_MAX)
        return false;
    ReplayFrame *frame = &replay->frames[index], *caller = replay_frame(replay);
    frame->call = ++replay->calls;
    frame->code = record->id;
    frame->caller = record->caller;
    frame->names = record->names;
    frame->line = record->line;
    replay_thread(replay)->calls++;
    if (caller != NULL)
        caller->children++;
    enter_frame(replay, index);
    replay->restating = false;
    return true;
}

static bool reenter_frame(Replay *replay, const Record *record)
{
    uint32_t index = (uint32_t)map_take(&replay->suspended, record->id, 0);
    replay->restating = index == 0;
    if (index == 0) {
        index = take_frame(replay);
        if (index == UINT32_MAX)
            return false;
        index++;
    }
    ReplayFrame *frame = &replay->frames[index - 1];
    frame->call = record->id;
    frame->code = record->code;
    frame->caller = record->caller;
    frame->names = record->names;
    frame->line = record->line;
    enter_frame(replay, index - 1);
    return true;
}

/* Takes the current frame off its stack after the event that said so. */
static bool leave_frame(Replay *replay, bool suspend)
{
    ReplayThread *thread = replay_thread(replay);
    uint32_t index = thread->top - 1;
    replay->frames[index].inside = calls_inside(replay, &replay->frames[index]);
    thread->top = replay->frames[index].below;
    thread->depth--;
    if (!suspend) {
        drop_frame(replay, index);
        return true;
    }
    /* Hostile bytes may suspend one call twice: the older frame is not needed any more. */
    uint32_t older = (uint32_t)map_take(&replay->suspended, replay->frames[index].call, 0);
    if (older != 0)
        drop_frame(replay, older - 1);
    return map_put(&replay->suspended, replay->frames[index].call, 0, index + 1) || fail_without_memory(replay);
}

/* Reads one FRAME onto the stack of the current thread. */
static bool read_frame(Replay *replay, Cursor *body)
{
    FrameFields fields = read_frame_fields(body);
    uint32_t index = (uint32_t)map_take(&replay->suspended, fields.call, 0);
    ReplayFrame known = {0};
    if (index != 0) {
        known = replay->frames[index - 1];
        drop_frame(replay, index - 1);
    }
    index = take_frame(replay);
    if (index == UINT32_MAX)
        return false;
    ReplayFrame *frame = &replay->frames[index];
    frame->mark = known.mark;
    frame->last = known.last;
    frame->inside = known.inside;
    frame->children = known.children;
    frame->call = fields.call;
    frame->code = fields.code;
    frame->caller = fields.caller;
    frame->names = fields.names;
    frame->line = fields.line;
    enter_frame(replay, index);
    for (uint64_t count = fields.slots; count > 0 && body->error == NULL; count--) {
        uint64_t slot = read_number(body);
        if (!set_slot(replay, frame, slot, body->at))
            return false;
        skip_value(body);
    }
    return body->error == NULL;
}

static bool read_stack(Replay *replay, Cursor *body, uint64_t frames)
{
    for (; frames > 0; frames--)
        if (!read_frame(replay, body))
            return false;
    return true;
}

/* ---- threads ---- */

static bool switch_thread(Replay *replay, uint64_t id)
{
    if (replay->thread_count > 0 && replay->threads[replay->current].id == id)
        return true;
    uint32_t index = (uint32_t)map_get(&replay->thread_of, id, 0);
    if (index == 0) {
        if (replay->thread_count == replay->thread_capacity) {
            uint32_t capacity = replay->thread_capacity != 0 ? replay->thread_capacity * 2 : 8;
            if (capacity > MOST_THREADS) {
                cursor_fail(&replay->cursor, "there are too many threads");
                return false;
            }
            ReplayThread *threads = realloc(replay->threads, capacity * sizeof(ReplayThread));
            if (threads == NULL)
                return fail_without_memory(replay);
            replay->threads = threads;
            replay->thread_capacity = capacity;
        }
        replay->threads[replay->thread_count] = (ReplayThread){.id = id};
        index = ++replay->thread_count;
        if (!map_put(&replay->thread_of, id, 0, index))
            return fail_without_memory(replay);
    }
    replay->current = index - 1;
    return true;
}

/* The current thread runs another stack. What stood on the old one is kept like suspended frames,
 * until it is restated. */
static bool replace_stack(Replay *replay, const Record *record)
{
    while (replay_thread(replay)->top != 0)
        if (!leave_frame(replay, true))
            return false;
    Cursor body = body_of(&replay->cursor, record);
    return read_stack(replay, &body, record->count);
}

bool replay_begin(Replay *replay, const uint8_t *chunk, size_t size)
{
    *replay = (Replay){.cursor = cursor_over(chunk, size)};
    Record record;
    if (size >= UINT32_MAX)
        return fail_at(replay, chunk, "the chunk is too large");
    if (!read_record(&replay->cursor, &record)) {
        cursor_fail(&replay->cursor, "the chunk is empty");
        return false;
    }
    if (record.tag != ST_CHUNK)
        return fail_at(replay, chunk, "a chunk does not begin with a CHUNK record");
    if (record.id > INT64_MAX || record.time > INT64_MAX)
        return fail_at(replay, chunk, "the first event's number is out of range");
    replay->event = replay->first_event = record.id;
    replay->calls = replay->first_call = record.code;
    replay->objects = replay->first_object = record.caller;
    replay->time = replay->start_time = record.time;
    Cursor body = body_of(&replay->cursor, &record);
    for (uint64_t threads = record.count; threads > 0; threads--) {
        uint64_t id = read_number(&body);
        if (map_get(&replay->thread_of, id, 0) != 0)
            return fail_at(replay, body.at, "a thread is listed twice");
        if (!switch_thread(replay, id))
            return false;
        replay_thread(replay)->task = read_number(&body);
        if (!read_stack(replay, &body, read_number(&body)))
            return false;
    }
    return switch_thread(replay, record.thread);
}

static inline void note_event(Replay *replay, ReplayFrame *frame, uint8_t tag)
{
    ReplayThread *thread = replay_thread(replay);
    frame->before = frame->last;
    frame->line_before = frame->line;
    frame->last = replay->event + 1;
    thread->tag_before = thread->last_tag;
    thread->last_tag = replay->leaving = tag;
}

static inline bool apply(Replay *replay, const Record *record)
{
    ReplayFrame *frame;
    switch (record->tag) {
    case EV_LINE:
    case EV_RAISE:
    case EV_RERAISE:
    case EV_HANDLED:
    case EV_UNWIND:
        frame = replay_frame(replay);
        if (frame == NULL)
            return fail_at(replay, record->start, "an event has no frame");
        note_event(replay, frame, record->tag);
        frame->line = (int64_t)((uint64_t)frame->line + (uint64_t)record->line);
        return true;
    case EV_CALL:
    case EV_RETURN:
    case EV_YIELD:
    case EV_RESUME:
    case EV_THROW:
        frame = replay_frame(replay);
        if (frame == NULL)
            return fail_at(replay, record->start, "an event has no frame");
        note_event(replay, frame, record->tag);
        return true;
    case ST_VAR:
        frame = replay_frame(replay);
        if (frame == NULL)
            return fail_at(replay, record->start, "a variable has no frame");
        replay->value_before = record->id < frame->slot_count ? frame->slots[record->id] : 0;
        return set_slot(replay, frame, record->id, record->body);
    case ST_PUSH:
        return push_frame(replay, record);
    case ST_REENTER:
        return reenter_frame(replay, record);
    case ST_STACK:
        return replace_stack(replay, record);
    case ST_THREAD:
        replay->restating = false;
        return switch_thread(replay, record->id);
    case ST_TASK:
        replay_thread(replay)->task = record->id;
        return true;
    case ST_TIME:
        if (record->time > (uint64_t)INT64_MAX - replay->time)
            return fail_at(replay, record->start, "the time is out of range");
        replay->time += record->time;
        return true;
    case ST_CHUNK:
        return fail_at(replay, record->start, "a second CHUNK record");
    case ST_LOOSE:
        replay->loose = replay->event + 1;
        return true;
    case ST_FOREIGN:
        replay->foreign = replay->event + 1;
        return true;
    case OB_NEW:
        if (record->id > replay->objects)
            replay->objects = record->id;
        return true;
    default: /* changes nothing that is kept here */
        return true;
    }
}

bool replay_step(Replay *replay, Record *record)
{
    if (replay->leaving != 0) {
        uint8_t tag = replay->leaving;
        replay->leaving = 0;
        replay->event++;
        replay->restating = false;
        if ((tag == EV_RETURN || tag == EV_UNWIND || tag == EV_YIELD) && !leave_frame(replay, tag == EV_YIELD))
            return false;
    }
    return read_record(&replay->cursor, record) && apply(replay, record);
}

void replay_end(Replay *replay)
{
    for (uint32_t index = 0; index < replay->frame_count; index++)
        free(replay->frames[index].slots);
    free(replay->frames);
    free(replay->threads);
    map_free(&replay->thread_of);
    map_free(&replay->suspended);
}
