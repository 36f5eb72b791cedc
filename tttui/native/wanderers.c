/* Objects that code which isn't recorded may keep, and change at any later time while no line of the program
 * leads there: a list whose append was handed over as a callback, a dict that a thread of a library works on.
 * They are looked at again before every event, until what was kept of them is let go. */
#include "recorder.h"

#define MOST_WANDERERS 64

typedef struct {
    Entry *entry;
    uint32_t references; /* that there were before it was handed over */
} Wanderer;
static Wanderer wanderers[MOST_WANDERERS];
static unsigned wanderer_count;
static uint64_t unseen_known; /* R.unseen, when all of them were last looked at */

static void remove_wanderer(unsigned index)
{
    wanderers[index].entry->flags &= (uint8_t)~ENTRY_WANDERS;
    wanderer_count--;
    memmove(&wanderers[index], &wanderers[index + 1], (wanderer_count - index) * sizeof(Wanderer));
}

static void stop_wandering(const Entry *entry)
{
    for (unsigned i = 0; i < wanderer_count; i++) {
        if (wanderers[i].entry == entry) {
            remove_wanderer(i);
            return;
        }
    }
}

static void stop_all_wandering(void)
{
    while (wanderer_count > 0) {
        remove_wanderer(wanderer_count - 1);
    }
}

static void let_wander(Entry *entry, uint32_t references)
{
    if (entry->flags & (ENTRY_WANDERS | ENTRY_NAMESPACE | ENTRY_PENDING)) {
        return;
    }
    if (wanderer_count == MOST_WANDERERS) {
        Entry *oldest = wanderers[0].entry;
        remove_wanderer(0);
        put_doubt(oldest); /* until it is next looked at */
        oldest->count = oldest->attributes = 0;
        oldest->flags |= ENTRY_LARGE;
    }
    entry->flags |= ENTRY_WANDERS;
    wanderers[wanderer_count++] = (Wanderer){entry, references};
}

/* What changes without a line that says so: containers, not instances. */
static inline bool can_wander(const TypeInfo *info)
{
    switch (info->shape) {
    case SHAPE_LIST:
    case SHAPE_DICT:
    case SHAPE_SET:
    case SHAPE_DEQUE:
    case SHAPE_BYTEARRAY:
        return true;
    default:
        return false;
    }
}

/* The __dict__ of an instance where something else has it too; what is stored through that is stored in the instance. */
static PyObject *shared_dict(PyObject *object, const TypeInfo *info)
{
    if (!info->has_attributes || info->shape == SHAPE_CLASS) {
        return NULL;
    }
    PyObject *dict = instance_dict(object, info->type);
    return dict != NULL && Py_REFCNT(dict) > 1 ? dict : NULL;
}

/* Whether a container's size says already that it has changed. */
static bool size_differs(const Entry *entry)
{
    PyObject *object = entry->object;
    if (entry->info->shape == SHAPE_BYTEARRAY) {
        return true; /* looked at in any case */
    }
    if (entry->info->shape == SHAPE_DICT && dict_version((PyDictObject *)object) != entry->version) {
        return true;
    }
    return container_length(object, entry->info->shape) != entry->length;
}

/* A line begins that may hand it over: other names that it had when it was last looked at may be gone by now, and would
 * hide that it is kept. */
static inline void note_references(Entry *entry)
{
    if (can_wander(entry->info)) {
        uint32_t references = references_to(entry->object);
        if (references < entry->references) {
            entry->references = references;
        }
    }
}

static void check_wanderers(void)
{
    static const Where anywhere = {NULL, NULL, true};
    bool all = R.unseen != unseen_known;
    unseen_known = R.unseen;
    for (unsigned i = wanderer_count; i-- > 0;) {
        Entry *entry = wanderers[i].entry;
        PyObject *dict = shared_dict(entry->object, entry->info), *object = entry->object;
        bool instance = !can_wander(entry->info);
        bool back = instance ? dict == NULL : references_to(object) <= wanderers[i].references;
        if (instance || all || back || size_differs(entry)) {
            current_depth = entry->depth + 1;
            check_entry(entry, &anywhere);
            Entry *shared = dict != NULL ? find_entry(dict) : NULL;
            if (shared != NULL) {
                check_entry(shared, &anywhere);
            }
        }
        if (back) {
            entry->references = references_to(object); /* it may be handed over again */
            remove_wanderer(i);
        }
    }
    drain();
}

static inline void look_after_wanderers(void)
{
    if (UNLIKELY(wanderer_count > 0)) {
        check_wanderers();
    }
}
