/* The keyframe with which a chunk begins, and how every event begins and ends. */
#include "recorder.h"

static void find_namespace(Shadow *shadow)
{
    shadow->namespace_entry = namespace_entry(frame_namespace(shadow->frame));
    shadow->namespace_id = shadow->namespace_entry != NULL ? shadow->namespace_entry->id : 0;
}

static void put_frame(Shadow *shadow)
{
    CodeInfo *code = shadow->code;
    if (!code->optimized) {
        find_namespace(shadow); /* its identity may just have been given up */
    }
    put_unsigned(shadow->call);
    put_unsigned(code->id);
    put_signed(shadow->line);
    put_unsigned((uint64_t)shadow->caller_lasti);
    put_unsigned(shadow->namespace_id);
    int bound = 0, slots = has_room() ? code->slots : 0;
    for (int i = 0; i < slots; i++) {
        bound += shadow->slots[i].value != NULL;
    }
    put_unsigned((uint64_t)bound);
    for (int i = 0; i < slots; i++) {
        if (shadow->slots[i].value != NULL) {
            put_unsigned((uint64_t)i);
            put_slot_value(shadow, i, frame_slot(shadow->frame, i));
        }
    }
    shadow->epoch = R.epoch;
}

static void put_frames(Shadow *top)
{
    size_t count = 0;
    for (Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
        count++;
    }
    put_unsigned(count);
    /* outermost first: the chain is turned round through `next`, unused while a frame runs */
    Shadow *chain = NULL;
    for (Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
        shadow->next = chain;
        chain = shadow;
    }
    for (Shadow *next; chain != NULL; chain = next) {
        next = chain->next;
        chain->next = NULL;
        put_frame(chain);
    }
}

static void drop_until(Thread *thread, Shadow *shadow)
{
    while (thread->top != NULL && thread->top != shadow) {
        Shadow *gone = thread->top;
        thread->top = gone->parent;
        if (gone->code->suspends) { /* it may have been left by a value that passed through it */
            suspend(gone);
        }
        else {
            free_shadow(gone);
        }
    }
}

/* A thread may end without its frames being unwound (daemons at exit): its frames are gone then. */
static bool thread_is_alive(const Thread *thread)
{
    PyThreadState *state = PyInterpreterState_ThreadHead(R.interpreter);
    for (; state != NULL; state = PyThreadState_Next(state)) {
        if (state == thread->state && state->id == thread->state_id) {
            return true;
        }
    }
    return false;
}

/* The keyframe with which a chunk begins. */
static void put_chunk(void)
{
    uint64_t number = R.ring->chunks;
    R.ring->chunk_start[number % RING_CHUNKS] = R.head;
    R.epoch++;
    R.restating_room = RESTATED_BYTES;
    if (entry_count > MAX_ENTRIES) {
        give_up_entries();
    }
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    put_byte(ST_CHUNK);
    put_unsigned(R.events);
    put_unsigned(R.calls);
    put_unsigned(R.objects);
    if (UNLIKELY(R.verifying)) {
        now = R.ring->start_clock + recorded_number();
    }
    else {
        R.last_ticks = ticks();
    }
    R.last_time = now;
    put_unsigned(now - R.ring->start_clock);
    put_unsigned(R.thread != NULL ? R.thread->id : 0);
    size_t count = 0;
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread != R.thread && thread->top != NULL && !thread_is_alive(thread)) {
            drop_until(thread, NULL);
        }
        count += thread->top != NULL;
    }
    put_unsigned(count);
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->top != NULL) {
            put_unsigned(thread->id);
            put_unsigned(thread->task);
            put_frames(thread->top);
        }
    }
    drain();
    /* The keyframe of a deep stack may itself be larger than a chunk: it doesn't count. */
    R.chunk_end_event = R.events + CHUNK_EVENTS;
    R.chunk_end_head = R.head + (uint64_t)(R.cursor - R.origin) + CHUNK_BYTES;
    __atomic_store_n(&R.ring->chunks, number + 1, __ATOMIC_RELEASE);
}

/* ---- beginning and ending an event ---- */

static __attribute__((noinline)) Thread *switch_thread(PyThreadState *state)
{
    /* By its number: the state of a thread that has ended may be used again, and with it what we keep of it. */
    uint32_t before = R.thread != NULL ? R.thread->id : 0;
    Thread *thread = find_thread(state);
    if (thread != NULL && thread->id != before) {
        R.thread = thread;
        R.unseen++;
        put_byte(ST_THREAD);
        put_unsigned(thread->id);
    }
    return thread;
}

static __attribute__((noinline)) void begin_chunk(void)
{
    put_chunk();
    publish();
    take_in_pages();
    R.origin = R.cursor = R.data + (R.head & R.mask);
    R.limit = R.origin + R.capacity / 4;
}

/* Whether a thread runs code of the debugger's (stops.c). */
static bool is_aside(PyThreadState *state)
{
    Thread *thread = R.threads_aside > 0 ? R.threads : NULL;
    while (thread != NULL && !(thread->aside && thread->state == state)) {
        thread = thread->next;
    }
    return thread != NULL;
}

/* Every callback starts so, with the thread that runs it; NULL where nothing is to be recorded. */
static inline __attribute__((always_inline)) Thread *begin_event(PyThreadState *state, bool exceptional)
{
    if (UNLIKELY(!R.active || R.inside)) {
        return NULL;
    }
    if (UNLIKELY(state->interp != R.interpreter) || UNLIKELY(R.threads_aside > 0 && is_aside(state))) {
        return NULL;
    }
    if (UNLIKELY(!begin_write())) {
        return NULL;
    }
    R.inside = true;
    if (UNLIKELY(R.events >= R.chunk_end_event || R.head >= R.chunk_end_head)) {
        begin_chunk();
    }
    Thread *thread = R.thread;
    if (UNLIKELY(thread == NULL || thread->state != state || thread->state_id != state->id)) {
        thread = switch_thread(state);
        if (thread == NULL) {
            R.inside = false;
            stop_recording(GAP_OUT_OF_MEMORY);
            return NULL;
        }
    }
    if (!exceptional) {
        thread->passing = false;
        thread->raised_in = NULL;
    }
    return thread;
}

static void attend(uint8_t event);
static bool seems_uncaught(Frame *frame);

/* Every callback ends so, once it has written its event. */
static inline void end_callback(uint8_t event)
{
    publish();
    R.inside = false;
    if (UNLIKELY(R.attention)) {
        attend(event);
    }
}

static inline void end_event(uint8_t event)
{
    R.events++;
    end_callback(event);
}
