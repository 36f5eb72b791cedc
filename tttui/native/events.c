/* The events of the program, in the words of both kinds of hook: on_call, on_line, on_return ...
 * Each first writes what changed since the frame's last event, then the event, and publishes. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

/* An event with a value: what the value refers to has to be written before the event. */
static void put_event_value(uint8_t event, PyObject *value)
{
    uint8_t *start = R.cursor;
    put_byte(event);
    put_value(value, 0);
    if (UNLIKELY(R.queue_count > 0)) {
        R.cursor = start;
        drain();
        put_byte(event);
        put_value(value, 0);
    }
}

static void put_reenter(Shadow *shadow)
{
    put_byte(ST_REENTER);
    put_unsigned(shadow->call);
    put_unsigned(shadow->code->id);
    put_signed(shadow->line);
    put_unsigned((uint64_t)shadow->caller_lasti);
    put_unsigned(shadow->namespace_id);
}

/* throw() reaches the innermost of generators that delegate to each other: those in between are on
 * the stack without having been resumed. */
static void reenter_delegators(Thread *thread, Frame *frame)
{
    enum { MOST = 256 };
    Frame *between[MOST];
    int count = 0;
    Frame *stop = thread->top != NULL ? thread->top->frame : NULL;
    for (Frame *each = frame->previous; each != NULL && each != stop && count < MOST; each = each->previous) {
        if (suspended_count > 0 && *suspended_place(each) != NULL) {
            between[count++] = each;
        }
    }
    while (count > 0) {
        Shadow *shadow = take_suspended(between[--count]);
        if (shadow == NULL || frame_code(shadow->frame) == NULL) {
            continue;
        }
        shadow->caller_lasti = caller_lasti(thread->top);
        shadow->parent = thread->top;
        find_root(shadow);
        thread->top = shadow;
        put_reenter(shadow);
        put_variables(shadow);
        shadow->epoch = R.epoch;
    }
}

/* Whether a line of the caller's own called this frame: it tells of its changes itself then, and nothing else needs
 * looking at. Where C code stands between, it was something else that was called, which may have changed anything;
 * but for making instances and entering contexts. */
static bool is_called_by(Frame *frame, PyCodeObject *code, const Shadow *caller)
{
    Frame *previous = frame_caller(frame);
    bool from_c = frame_is_entry(frame);
    if (previous != NULL && frame_is_shim(previous)) {
        previous = previous->previous;
        from_c = true;
    }
    if (previous != caller->frame) {
        return false;
    }
    return !from_c || is_one_of(code->co_name, called_from_c);
}

/* A frame begins, with its code in `called`, or goes on: what its caller has changed so far is written. */
static inline void leave_caller(Thread *thread, Frame *frame, PyCodeObject *called)
{
    Shadow *caller = thread->top;
    if (caller == NULL) {
        look_after_wanderers();
        return;
    }
    bool direct = entered_directly(frame, caller->frame);
    /* What runs for an attribute or an item is no call that the line tells of. */
    int unit = called != NULL && direct ? frame_lasti(caller->frame, caller->code_object) : -1;
    bool part = unit >= 0 && unit < caller->code->unit_count && caller->code->unit_gives[unit];
    caller->recorded_calls += called != NULL && !part && (direct || is_called_by(frame, called, caller));
    caller->indirect_calls += !direct;
    midway = true;
    write_changes(caller, false);
    midway = false;
}

static void on_call(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    settle_caller(thread, frame);
    note_foreign_caller(thread, frame);
    if (UNLIKELY(suspended_count > 0 && (thread->top == NULL || frame->previous != thread->top->frame))) {
        reenter_delegators(thread, frame); /* throw() calls that of an iterator they delegate to */
    }
    loosely_written = false;
    leave_caller(thread, frame, code);
    bool loose = loosely_written; /* what it is given may come from there */
    Shadow *caller = thread->top;
    if (UNLIKELY(info->suspends)) {
        Shadow *dead = take_suspended(frame); /* one that had this address before, and ended silently */
        if (dead != NULL) {
            free_shadow(dead);
        }
    }
    Shadow *shadow = push_shadow(thread, frame, info, code);
    if (shadow == NULL) {
        R.inside = false;
        stop_recording(GAP_OUT_OF_MEMORY);
        return;
    }
    shadow->caller_lasti = caller_lasti(caller);
    Entry *space = shadow->namespace_entry;
    if (UNLIKELY(space != NULL && (space->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)) == ENTRY_NAMESPACE)) {
        put_contents(space, OB_SNAPSHOT); /* eval()'s locals: whoever made them may have changed them since */
    }
    put_push(shadow);
    note_task(thread);
    shadow->pending = NULL;
    put_variables(shadow);
    if (info->slots > 0) { /* arguments that were known already may have changed meanwhile */
        R.round += !loose;
        look_budget = LOOK_BUDGET;
        budget_spent = false;
        Where where = {NULL, shadow, loose};
        for (int i = 0; i < info->slots; i++) {
            if (shadow->slots[i].entry != NULL) {
                look_at(shadow->slots[i].entry, &where, 0);
            }
        }
        if (UNLIKELY(loose && budget_spent)) {
            put_byte(ST_LOOSE);
        }
        drain();
    }
    put_time();
    put_byte(EV_CALL);
    call_begun = R.events + 1;
    end_event(EV_CALL);
}

static void note_reached(Shadow *shadow, PyObject *value, LineInfo *line, int depth);

/* What is found by attributes of what is handed over. */
static void note_attributes(Shadow *shadow, Entry *entry, LineInfo *line, int depth)
{
    for (uint32_t bits = line->handed; bits; bits &= bits - 1) {
        note_reached(shadow, reach_attribute(entry->object, entry->info, line->attributes[__builtin_ctz(bits)]), line, depth + 1);
    }
}

/* The same by its keys: where those aren't known, any of its items. */
static void note_items(Shadow *shadow, Entry *entry, LineInfo *line, int depth)
{
    PyObject *object = entry->object;
    bool list = entry->info->shape == SHAPE_LIST, known = line->plan_count > 0 && !(line->flags & LINE_EACH);
    for (int i = 0; known && i < line->plan_count; i++) {
        Key key;
        Py_ssize_t index;
        Pair pair = {NULL, NULL};
        known = find_key(shadow, &line->plans[i], &key);
        if (known && list && index_of_key(&key, Py_SIZE(object), &index)) {
            pair.value = PyList_GET_ITEM(object, index);
        }
        else if (known && !list && (index = place_of_key((PyDictObject *)object, &key)) >= 0) {
            dict_entry((PyDictObject *)object, index, &pair);
        }
        note_reached(shadow, pair.value, line, depth + 1);
    }
    Py_ssize_t end = list ? Py_SIZE(object) : dict_end((PyDictObject *)object);
    for (Py_ssize_t i = 0; !known && i < end && i < CHECK_ITEMS; i++) {
        Pair pair = {NULL, NULL};
        if (list) {
            pair.value = PyList_GET_ITEM(object, i);
        }
        else {
            dict_entry((PyDictObject *)object, i, &pair);
        }
        note_reached(shadow, pair.value, line, depth + 1);
    }
}

static inline void note_one_handed_over(Shadow *shadow, Entry *entry, LineInfo *line, int depth)
{
    note_references(entry);
    if (depth >= 3) {
        return;
    }
    if (entry->info->shape == SHAPE_CELL) {
        note_reached(shadow, ((PyCellObject *)entry->object)->ob_ref, line, depth + 1);
    }
    if (line->handed && (entry->info->has_attributes || entry->info->shape == SHAPE_CLASS)) {
        note_attributes(shadow, entry, line, depth);
    }
    if (line->flags & LINE_SUBSCRIPTS && !(entry->flags & ENTRY_ATOMS) &&
        (entry->info->shape == SHAPE_LIST || (entry->info->shape == SHAPE_DICT && !(entry->flags & ENTRY_NAMESPACE)))) {
        note_items(shadow, entry, line, depth);
    }
}

static void note_reached(Shadow *shadow, PyObject *value, LineInfo *line, int depth)
{
    Entry *entry = value != NULL && !is_plain(value) ? find_entry(value) : NULL;
    if (entry != NULL) {
        note_one_handed_over(shadow, entry, line, depth);
    }
}

/* What a line that calls code which isn't recorded may hand over. */
static void note_what_is_handed_over(Shadow *shadow, LineInfo *line)
{
    for (int word = 0; word < shadow->code->words; word++) {
        uint64_t bits = slots_to_look_at(shadow, line, word);
        while (bits) {
            Entry *entry = shadow->slots[word * 64 + __builtin_ctzll(bits)].entry;
            bits &= bits - 1;
            if (entry != NULL && entry->object != NULL) {
                note_one_handed_over(shadow, entry, line, 0);
            }
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && (!is_inert(value) || (line->handed && Py_TYPE(value) == &PyType_Type))) {
            note_reached(shadow, value, line, 0);
        }
    }
}

/* The time of an event, unless none has passed. */
static inline __attribute__((always_inline)) void put_time_behind(void)
{
    if (!brief || R.events % TIME_AT_LEAST == 0) {
        put_time();
    }
}

static inline void put_line(Shadow *shadow, int line)
{
    write_changes(shadow, true);
    put_time_behind();
    int delta = line - shadow->line;
    if (LIKELY(delta >= -64 && delta < 64)) {
        put_byte((uint8_t)(EV_LINE_SHORT + delta + 64));
    }
    else {
        put_byte(EV_LINE);
        put_signed(delta);
    }
    shadow->line = line;
    LineInfo *pending = line_info(shadow->code, line);
    if (pending != NULL && pending->next != NULL &&
        frame_lasti(shadow->frame, shadow->code_object) >= pending->next_unit) {
        pending = pending->next;
    }
    shadow->pending = pending;
    shadow->began = R.events;
    release_links(shadow);
    shadow->recorded_calls = shadow->indirect_calls = 0;
    shadow->result_count = 0;
    if (pending != NULL && pending->wild_calls > 0) {
        note_what_is_handed_over(shadow, pending);
    }
    if (pending != NULL && UNLIKELY(pending->flags & LINE_UNLINKS)) {
        note_links(shadow, pending);
    }
    if (UNLIKELY(shadow->loops_act)) {
        note_loops(shadow, pending);
    }
    if (UNLIKELY(shadow->code->stops) && stops_at(shadow->code->stops, line)) {
        stop_wanted = R.attention = true;
    }
    end_event(EV_LINE);
}

/* The common case: the same thread goes on in the frame of its last event. */
static inline void on_known_line(Thread *thread, Shadow *shadow, int line)
{
    if (UNLIKELY(!begin_write())) {
        return;
    }
    R.inside = true;
    if (UNLIKELY(R.events >= R.chunk_end_event || R.head >= R.chunk_end_head)) {
        begin_chunk();
    }
    thread->passing = false;
    thread->raised_in = NULL;
    put_line(shadow, line);
}

static void on_line(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, int line)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (UNLIKELY(shadow == NULL)) {
        R.inside = false;
        return;
    }
    put_line(shadow, line);
}

static inline void pop_shadow(Thread *thread)
{
    Shadow *shadow = thread->top;
    for (int i = 0; UNLIKELY(wanderer_count > 0) && i < shadow->code->slots; i++) {
        count_slot(&shadow->slots[i], -1);
    }
    thread->top = shadow->parent;
    free_shadow(shadow);
}

static void on_return(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, PyObject *value)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (shadow == NULL) {
        R.inside = false;
        return;
    }
    given_back = value;
    write_changes(shadow, false); /* its loops are over */
    given_back = NULL;
    put_time_behind();
    put_event_value(EV_RETURN, value);
    R.events++;
    Entry *space = shadow->namespace_entry;
    if (UNLIKELY(space != NULL && space->object != NULL && !(space->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)))) {
        start_wandering(space, 0, true); /* whoever makes a class of it may change it yet */
    }
    value = note_outcome(shadow, value);
    pop_shadow(thread);
    note_result(thread->top, frame, value);
    note_task(thread);
    end_callback(EV_RETURN);
}

static void on_yield(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, PyObject *value)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (shadow == NULL) {
        R.inside = false;
        return;
    }
    given_back = value;
    write_changes(shadow, true);
    given_back = NULL;
    put_time_behind();
    put_event_value(EV_YIELD, value);
    R.events++;
    note_given(shadow, value);
    thread->top = shadow->parent;
    shadow->epoch = R.epoch;
    suspend(shadow);
    note_result(thread->top, frame, value);
    note_task(thread);
    end_callback(EV_YIELD);
}

/* A suspended frame goes on; `thrown` is the exception thrown into it, or NULL. */
static void on_resume(PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info, PyObject *thrown)
{
    Thread *thread = begin_event(state, false);
    if (thread == NULL) {
        return;
    }
    settle_caller(thread, frame);
    note_foreign_caller(thread, frame);
    leave_caller(thread, frame, NULL);
    if (thrown != NULL) {
        reenter_delegators(thread, frame);
    }
    Shadow *caller = thread->top;
    Shadow *shadow = take_suspended(frame);
    if (shadow != NULL && shadow->code != info) {
        free_shadow(shadow);
        shadow = NULL;
    }
    bool known = shadow != NULL && shadow->epoch == R.epoch;
    if (shadow == NULL) { /* it was suspended before recording began */
        shadow = adopt_frame(thread, frame, code, info);
        if (shadow == NULL) {
            R.inside = false;
            return;
        }
        known = true;
    }
    else {
        shadow->parent = caller;
        find_root(shadow);
        thread->top = shadow;
        shadow->caller_lasti = caller_lasti(caller);
        put_reenter(shadow);
    }
    shadow->epoch = R.epoch;
    note_task(thread);
    if (!known) {
        put_variables(shadow);
    }
    put_time();
    if (thrown != NULL) {
        R.round++;
        look_budget = LOOK_BUDGET / 4;
        Where where = {NULL, shadow, true};
        look_at_value(thrown, &where, 0);
        drain();
        put_event_value(EV_THROW, thrown);
    }
    else {
        put_byte(EV_RESUME);
    }
    if (UNLIKELY(shadow->loops_act)) {
        note_loops(shadow, shadow->pending);
    }
    end_event(EV_RESUME);
    /* the line goes on where it was suspended: what it stores now belongs to it */
}

/* An exception that has come out of another frame has that frame's entry in its traceback (unless
 * the frame raised it again): needed only where the unwind didn't tell which exception it was. */
static bool came_from_below(PyObject *exception)
{
    PyObject *traceback = exception != NULL ? ((PyBaseExceptionObject *)exception)->traceback : NULL;
    return traceback != NULL && PyTraceBack_Check(traceback) && ((PyTracebackObject *)traceback)->tb_next != NULL;
}

/* `swallowed`: the instruction at which it is raised takes it, as the end of an iteration. */
static void on_exception(uint8_t event, PyThreadState *state, Frame *frame, PyCodeObject *code, CodeInfo *info,
                         PyObject *exception, int lasti, int line, bool swallowed)
{
    Thread *thread = begin_event(state, true);
    if (thread == NULL) {
        return;
    }
    Entry *known = exception != NULL ? find_entry(exception) : NULL;
    bool passing = event == EV_RAISE && thread->passing &&
                   (thread->raising != NULL ? thread->raising == exception && known != NULL && known->id == thread->raising_id
                                            : came_from_below(exception));
    thread->passing = event == EV_UNWIND;
    thread->raising = exception;
    thread->raised_in = event == EV_RAISE && !swallowed ? frame : NULL;
    Shadow *shadow = shadow_of(thread, frame, code, info);
    if (shadow == NULL) {
        R.inside = false;
        return;
    }
    if (event == EV_RAISE && !swallowed) {
        shadow->exception = exception;
    }
    if (passing) { /* it was raised below, and passes through this frame */
        publish(); /* the thread may be another one */
        R.inside = false;
        return;
    }
    write_changes(shadow, false);
    put_time();
    if (exception != NULL) {
        R.round++;
        look_budget = LOOK_BUDGET / 4;
        Where where = {NULL, shadow, !swallowed};
        look_at_value(exception, &where, 0); /* known ones may have got notes or a cause */
        drain();
    }
    known = exception != NULL ? find_entry(exception) : NULL;
    thread->raising_id = known != NULL ? known->id : 0;
    put_byte(event);
    put_unsigned((uint64_t)(lasti >= 0 ? lasti + 1 : 0));
    put_signed(line > 0 ? line - shadow->line : 0);
    put_value(exception, 0); /* known by now: it has just been looked at */
    R.events++;
    drain();
    if (event == EV_UNWIND) {
        pop_shadow(thread);
        note_task(thread);
    }
    else if (line > 0) {
        shadow->line = line;
    }
    if (event == EV_RAISE && R.next_checkpoint != UINT64_MAX && seems_uncaught(frame)) {
        R.attention = true;
    }
    end_callback(event);
}

/* Nothing more is recorded; what is in the ring stays for the writer. */
static void stop_recording(int reason)
{
    if (!R.active) {
        return;
    }
    R.active = false;
    if (R.ring == NULL) {
        return;
    }
    if (R.head - R.tail_seen + 64 < R.capacity) {
        R.origin = R.cursor = R.data + (R.head & R.mask);
        put_byte(ST_GAP);
        put_byte((uint8_t)reason);
        put_unsigned(0);
        publish();
    }
    __atomic_store_n(&R.ring->abandoned, reason == GAP_WRITER_GONE, __ATOMIC_RELEASE);
    __atomic_store_n(&R.ring->attached, 2, __ATOMIC_RELEASE);
}
