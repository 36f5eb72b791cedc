/* Of the objects that code which isn't recorded may have kept (wanderers.c), those that it hasn't: where whatever refers
 * to one is known, and is the program's own, nothing else can lead there. Most were only being handed about when they
 * were noted: by a loop, a map, a call that was amid something. */
#include "recorder.h"

static bool thread_is_alive(const Thread *thread);

/* Fewer aren't worth going through all objects. */
#define FEW_WANDERERS 4
/* As many events as there are objects pay for that; more where the last times have found little. */
#define MOST_PATIENCE 64
#define EXPLAINED_DEPTH 8
#define FILTER_BITS 1024

static struct {
    uint64_t event;   /* of the last time */
    uint64_t patience;
} explained = {0, 1};

typedef struct {
    uint32_t found[MOST_WANDERERS]; /* references to each that are the program's */
    uint64_t filter[FILTER_BITS / 64];
    int depth;
} Explanation;

static inline size_t filter_place(const PyObject *object) { return ((uintptr_t)object >> 4) % FILTER_BITS; }

/* Whether the garbage collector would go through it: what isn't tracked may be half made. */
static inline bool is_traversable(PyObject *object)
{
    return PyObject_IS_GC(object) && _PyObject_GC_IS_TRACKED(object) && Py_TYPE(object)->tp_traverse != NULL;
}

/* What refers to others by itself alone and never runs: with one reference to it, it is part of what holds it. */
static inline bool is_part(PyObject *object)
{
    return Py_REFCNT(object) == 1 && is_traversable(object) && !PyGen_CheckExact(object) &&
           !PyCoro_CheckExact(object) && !PyAsyncGen_CheckExact(object) && !PyFrame_Check(object) &&
           !PyTraceBack_Check(object) && find_entry(object) == NULL;
}

static int count_reference(PyObject *object, void *argument)
{
    Explanation *all = argument;
    size_t place = filter_place(object);
    if (UNLIKELY(all->filter[place / 64] >> place % 64 & 1)) {
        for (unsigned i = 0; i < wanderer_count; i++) {
            if (wanderers[i].entry->object == object) {
                all->found[i]++;
                return 0;
            }
        }
    }
    if (UNLIKELY(Py_REFCNT(object) == 1) && all->depth < EXPLAINED_DEPTH && is_part(object)) {
        all->depth++;
        Py_TYPE(object)->tp_traverse(object, count_reference, argument);
        all->depth--;
    }
    return 0;
}

static void count_variables(Explanation *all)
{
    for (const Thread *thread = R.threads; thread != NULL; thread = thread->next) {
        const Shadow *top = thread == R.thread || thread_is_alive(thread) ? thread->top : NULL;
        for (const Shadow *shadow = top; shadow != NULL; shadow = shadow->parent) {
            for (int i = 0; i < shadow->code->slots; i++) {
                PyObject *value = frame_slot(shadow->frame, i);
                if (value != NULL && frame_slot_counts(shadow->frame, i)) {
                    count_reference(value, all);
                }
            }
        }
    }
}

/* Lets go of those that are explained. The garbage collector relies on it that `tp_traverse` visits each reference once. */
static void explain_wanderers(void)
{
    Explanation all = {0};
    for (unsigned i = 0; i < wanderer_count; i++) {
        size_t place = filter_place(wanderers[i].entry->object);
        all.filter[place / 64] |= 1ULL << place % 64;
    }
    for (size_t i = 0; i < entry_capacity; i++) {
        const Entry *entry = entries[i];
        if (entry != NULL && !is_in_library(entry) && is_traversable(entry->object)) {
            Py_TYPE(entry->object)->tp_traverse(entry->object, count_reference, &all);
        }
    }
    count_variables(&all);
    unsigned before = wanderer_count;
    for (unsigned i = before; i-- > 0;) {
        Entry *entry = wanderers[i].entry;
        if (!wanderers[i].shares && all.found[i] >= references_to(entry->object) && !is_referred_to_weakly(entry->object)) {
            entry->references = references_to(entry->object);
            remove_wanderer(i);
        }
    }
    explained.event = R.events;
    explained.patience = (before - wanderer_count) * 4 >= before ? 1 : explained.patience * 2;
    explained.patience = explained.patience < MOST_PATIENCE ? explained.patience : MOST_PATIENCE;
}

/* All have just been looked at. */
static inline void explain_wanderers_in_time(void)
{
    if (UNLIKELY(wanderer_count > FEW_WANDERERS) &&
        R.events - explained.event >= explained.patience * (entry_count + 64)) {
        explain_wanderers();
    }
}
