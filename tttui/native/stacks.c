/* Which shadow belongs to the frame in which something happens: threads are switched, generators resumed elsewhere,
 * frames come up that ran before anything was recorded. */
#include "recorder.h"

static inline __attribute__((always_inline)) Shadow *push_shadow(Thread *thread, Frame *frame, CodeInfo *info, PyCodeObject *code)
{
    Shadow *shadow = new_shadow(info->slots);
    if (shadow == NULL) {
        return NULL;
    }
    if (!info->defined) {
        put_code_definition(code, info);
    }
    shadow->frame = frame;
    shadow->code = info;
    shadow->holding = info->cells_from < 64 ? ~0ULL << info->cells_from : 0;
    shadow->small = ~shadow->holding;
    shadow->code_object = code;
    shadow->parent = thread->top;
    shadow->call = ++R.calls;
    shadow->line = code->co_firstlineno;
    shadow->epoch = R.epoch;
    shadow->task = 0;
    find_root(shadow);
    if (!info->optimized) {
        find_namespace(shadow);
    }
    thread->top = shadow;
    return shadow;
}

/* Where the nearest recorded caller stands: its instruction, + 1. */
static inline int caller_lasti(Shadow *caller)
{
    PyCodeObject *code = caller != NULL ? frame_code(caller->frame) : NULL;
    return code != NULL ? frame_lasti(caller->frame, code) + 1 : 0;
}

static bool is_ancestor(Frame *frame, Shadow *shadow)
{
    Frame *previous = frame->previous;
    for (int steps = 0; previous != NULL && steps < 100000; steps++, previous = previous->previous) {
        if (previous == shadow->frame) {
            return true;
        }
    }
    return false;
}

static void park(Thread *thread)
{
    if (thread->top != NULL) {
        Parked *parked = malloc(sizeof(Parked));
        if (parked != NULL) {
            parked->top = thread->top;
            parked->next = thread->parked;
            thread->parked = parked;
        }
        thread->top = NULL;
    }
}

static Shadow *find_in_chain(Shadow *top, Frame *frame)
{
    for (Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
        if (shadow->frame == frame) {
            return shadow;
        }
    }
    return NULL;
}

static void put_stack(Thread *thread)
{
    put_byte(ST_STACK);
    put_frames(thread->top);
    drain();
}

static void put_variables(Shadow *shadow)
{
    for (int i = 0; i < shadow->code->slots; i++) {
        PyObject *value = frame_slot(shadow->frame, i);
        if (value != NULL || shadow->slots[i].value != NULL) {
            put_slot(shadow, i, value);
            remember_slot(shadow, i, value);
        }
    }
    drain();
}

static inline void put_push(Shadow *shadow)
{
    put_byte(ST_PUSH);
    put_unsigned(shadow->code->id);
    put_signed(shadow->line);
    put_unsigned((uint64_t)shadow->caller_lasti);
    put_unsigned(shadow->namespace_id);
}

/* Take in a frame that has been running since before it could be recorded. */
static Shadow *adopt_frame(Thread *thread, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Shadow *caller = thread->top, *shadow = push_shadow(thread, frame, info, code);
    if (shadow != NULL) {
        int line = PyCode_Addr2Line(code, frame_lasti(frame, code) * 2);
        shadow->line = line > 0 ? line : shadow->line;
        shadow->caller_lasti = caller_lasti(caller);
        shadow->pending = line_info(info, shadow->line);
        put_push(shadow);
        put_variables(shadow);
    }
    return shadow;
}

/* A thread is seen for the first time: take in the frames that it has been running already. */
static void adopt_stack(Thread *thread, Frame *frame)
{
    enum { DEEPEST = 4096 };
    static Frame *found[DEEPEST]; /* under the GIL, and not entered twice */
    int count = 0;
    for (Frame *each = frame->previous; each != NULL && count < DEEPEST; each = each->previous) {
        PyCodeObject *code = frame_is_shim(each) ? NULL : frame_code(each);
        if (code != NULL && !is_of_interpreter(code) && code_info(code, frame_globals(each))->recorded) {
            found[count++] = each;
        }
    }
    while (count > 0) {
        Frame *each = found[--count];
        PyCodeObject *code = frame_code(each);
        adopt_frame(thread, each, code, code_info(code, frame_globals(each)));
    }
}

/* Code that isn't recorded has just called into recorded code. */
static inline void note_foreign_caller(const Thread *thread, Frame *frame)
{
    if (thread->top == NULL || (frame->previous != thread->top->frame && frame_caller(frame) != thread->top->frame)) {
        put_byte(ST_FOREIGN);
        R.unseen++;
    }
}

/* Make the stack that the frame's caller belongs to the current one. */
static inline void settle_caller(Thread *thread, Frame *frame)
{
    if (UNLIKELY(!thread->adopted)) {
        thread->adopted = true;
        adopt_stack(thread, frame);
    }
    Shadow *top = thread->top;
    if (LIKELY(top == NULL || frame->previous == top->frame || is_ancestor(frame, top))) {
        if (UNLIKELY(top == NULL && thread->parked != NULL)) {
            goto search;
        }
        return;
    }
    for (Shadow *shadow = top->parent; shadow != NULL; shadow = shadow->parent) {
        if (is_ancestor(frame, shadow)) { /* frames above it have ended without a word */
            drop_until(thread, shadow);
            put_stack(thread);
            return;
        }
    }
search:
    for (Parked **link = &thread->parked; *link != NULL; link = &(*link)->next) {
        for (Shadow *shadow = (*link)->top; shadow != NULL; shadow = shadow->parent) {
            if (is_ancestor(frame, shadow)) {
                Parked *found = *link;
                *link = found->next;
                park(thread);
                thread->top = found->top;
                drop_until(thread, shadow);
                free(found);
                put_stack(thread);
                return;
            }
        }
    }
    if (top != NULL) {
        park(thread);
        put_stack(thread);
    }
}

static __attribute__((noinline)) Shadow *find_shadow(Thread *thread, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Shadow *found = find_in_chain(thread->top, frame);
    if (found != NULL && found->code == info) {
        drop_until(thread, found);
        put_stack(thread);
        return found;
    }
    for (Parked **link = &thread->parked; *link != NULL; link = &(*link)->next) {
        found = find_in_chain((*link)->top, frame);
        if (found != NULL && found->code == info) {
            Parked *parked = *link;
            *link = parked->next;
            park(thread);
            thread->top = parked->top;
            drop_until(thread, found);
            free(parked);
            put_stack(thread);
            return found;
        }
    }
    /* A frame that was running before recording began. */
    settle_caller(thread, frame);
    return adopt_frame(thread, frame, code, info);
}

/* The shadow of a frame in which something happens: nearly always the top one. */
static inline __attribute__((always_inline)) Shadow *shadow_of(Thread *thread, Frame *frame, PyCodeObject *code, CodeInfo *info)
{
    Shadow *top = thread->top;
    return LIKELY(top != NULL && top->frame == frame && top->code == info) ? top : find_shadow(thread, frame, code, info);
}
