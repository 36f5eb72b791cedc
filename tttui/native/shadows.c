/* Shadow frames: what is known of each frame of the program's, and the threads that they belong to. */
#include "recorder.h"

#include <stdlib.h>

#define SIZE_CLASSES 12
static Shadow *free_shadows[SIZE_CLASSES];

#define UNKNOWN_WORD ((uintptr_t)-1) /* no slot's memory looks like this */

static Shadow *new_shadow(int slots)
{
    int size_class = 0;
    while (size_class < SIZE_CLASSES - 1 && (4 << size_class) < slots) {
        size_class++;
    }
    size_t room = size_class == SIZE_CLASSES - 1 ? (size_t)slots : (size_t)4 << size_class;
    Shadow *shadow = NULL;
    if (size_class < SIZE_CLASSES - 1 && free_shadows[size_class] != NULL) {
        shadow = free_shadows[size_class];
        free_shadows[size_class] = shadow->next;
    }
    else {
        shadow = malloc(sizeof(Shadow) + room * (sizeof(Slot) + sizeof(uintptr_t)));
        if (shadow == NULL) {
            return NULL;
        }
    }
    memset(shadow, 0, sizeof(Shadow));
    for (int i = 0; i < slots; i++) {
        shadow->slots[i] = (Slot){NULL, 0, NULL, false};
    }
    shadow->size_class = size_class;
    shadow->words = (uintptr_t *)(shadow->slots + slots);
    for (int i = 0; i < slots; i++) {
        shadow->words[i] = UNKNOWN_WORD;
    }
    return shadow;
}

static inline void free_shadow(Shadow *shadow)
{
    release_links(shadow);
    if (shadow->size_class == SIZE_CLASSES - 1) {
        free(shadow);
        return;
    }
    shadow->next = free_shadows[shadow->size_class];
    free_shadows[shadow->size_class] = shadow;
}

/* Suspended frames by address. A generator that dies without an event leaves its shadow here until
 * another one gets its address, so there are never more of them than such addresses. */
static Shadow **suspended;
static size_t suspended_capacity, suspended_count;

static Shadow **suspended_place(Frame *frame)
{
    size_t mask = suspended_capacity - 1;
    Shadow **place = &suspended[hash_address(frame, mask)];
    while (*place != NULL && (*place)->frame != frame) {
        place = &(*place)->next;
    }
    return place;
}

static void suspend(Shadow *shadow)
{
    if (suspended_count * 2 >= suspended_capacity) {
        size_t capacity = suspended_capacity ? suspended_capacity * 2 : 256;
        Shadow **table = calloc(capacity, sizeof(Shadow *));
        if (table == NULL) {
            free_shadow(shadow);
            return;
        }
        for (size_t i = 0; i < suspended_capacity; i++) {
            for (Shadow *each = suspended[i], *next; each != NULL; each = next) {
                next = each->next;
                size_t place = hash_address(each->frame, capacity - 1);
                each->next = table[place];
                table[place] = each;
            }
        }
        free(suspended);
        suspended = table;
        suspended_capacity = capacity;
    }
    Shadow **place = suspended_place(shadow->frame);
    if (*place != NULL) {
        Shadow *dead = *place;
        *place = dead->next;
        free_shadow(dead);
        suspended_count--;
    }
    shadow->parent = NULL;
    shadow->next = NULL;
    place = suspended_place(shadow->frame);
    *place = shadow;
    suspended_count++;
}

static Shadow *take_suspended(Frame *frame)
{
    if (suspended_count == 0) {
        return NULL;
    }
    Shadow **place = suspended_place(frame), *found = *place;
    if (found != NULL) {
        *place = found->next;
        found->next = NULL;
        suspended_count--;
    }
    return found;
}

/* ---- threads ---- */

/* The name that threading gave a thread: of the Thread object whose method its stack began with. */
static void put_thread_name(const Thread *thread)
{
    static PyObject *name_name;
    if (name_name == NULL) {
        name_name = PyUnicode_InternFromString("_name");
    }
    Frame *frame = thread_frame(thread->state);
    PyObject *name = NULL;
    for (; frame != NULL && name_name != NULL; frame = frame->previous) {
        PyCodeObject *code = frame_is_shim(frame) ? NULL : frame_code(frame);
        if (code != NULL && code->co_argcount == 1 &&
            PyUnicode_CompareWithASCIIString(code->co_name, "_bootstrap_inner") == 0) {
            PyObject *self = frame_slot(frame, 0);
            if (self != NULL && Py_TYPE(self)->tp_flags & Py_TPFLAGS_HEAPTYPE) {
                name = find_attribute(self, type_info(Py_TYPE(self)), name_name);
            }
        }
    }
    if (is_text(name)) {
        put_text(name);
    }
    else {
        put_c_text(thread->id == 1 ? "MainThread" : "");
    }
}

static Thread *find_thread(PyThreadState *state)
{
    uint64_t id = state->id;
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->state == state && thread->state_id == id) {
            return thread;
        }
    }
    for (Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        if (thread->state == state) { /* the state of a thread that has ended, used again */
            for (Shadow *shadow = thread->top, *parent; shadow != NULL; shadow = parent) {
                parent = shadow->parent;
                free_shadow(shadow);
            }
            thread->state_id = id;
            thread->id = ++R.thread_count;
            thread->top = NULL;
            thread->task = 0;
            thread->raising = NULL;
            goto define;
        }
    }
    Thread *thread = calloc(1, sizeof(Thread));
    if (thread == NULL) {
        return NULL;
    }
    thread->state = state;
    thread->state_id = id;
    thread->id = ++R.thread_count;
    thread->next = R.threads;
    R.threads = thread;
define:
    R.next_checkpoint = R.next_checkpoint == UINT64_MAX ? UINT64_MAX : 0; /* another copy where it ends */
    for (Thread *found = R.threads; found != NULL; found = found->next) {
        if (found->state == state) {
            put_byte(DEF_THREAD);
            put_unsigned(found->id);
            put_unsigned((uint64_t)syscall(SYS_gettid));
            put_thread_name(found);
            return found;
        }
    }
    return NULL;
}
