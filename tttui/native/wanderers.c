/* Objects that code which isn't recorded may keep, and change at any later time while no line of the program
 * leads there: a list whose append was handed over as a callback, an instance that a library has put into a list of
 * its own. They are looked at again, and what lies behind them, when such code has run, until what was kept of them
 * is let go. */
#include "recorder.h"

#define MOST_WANDERERS 64

typedef struct {
    Entry *entry;
    uint32_t references; /* that there were before it was handed over; 0: it is followed for its dict, which is shared */
} Wanderer;
static Wanderer wanderers[MOST_WANDERERS];
static unsigned wanderer_count;
static unsigned eager_count; /* those of them that are looked at before every event */

/* What the counts were that tell whether code that isn't recorded has run, when all of them were last looked at. */
static uint64_t deaths_known, switches_known;
static uint32_t unseen_known;

/* What can change while nothing tells that code has run: by a thread of C code, or when something ends. */
static inline bool is_eager(const Wanderer *wanderer)
{
    uint8_t shape = wanderer->entry->info->shape;
    return wanderer->references == 0 || has_items(shape) || shape == SHAPE_BYTEARRAY;
}

static void remove_wanderer(unsigned index)
{
    eager_count -= is_eager(&wanderers[index]);
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
    if (entry->flags & (ENTRY_WANDERS | ENTRY_NAMESPACE)) {
        return;
    }
    if (wanderer_count == MOST_WANDERERS) {
        Entry *oldest = wanderers[0].entry;
        remove_wanderer(0);
        put_doubt(oldest); /* until it is next looked at */
    }
    entry->flags |= ENTRY_WANDERS;
    wanderers[wanderer_count++] = (Wanderer){entry, references};
    eager_count += is_eager(&wanderers[wanderer_count - 1]);
}

/* What code that isn't recorded may change at a later time: whatever changes, but for cells, of which it knows nothing,
 * and classes, of which each instance leads to its own. */
static inline bool can_wander(const TypeInfo *info)
{
    return info->tracked && info->shape != SHAPE_CELL && info->shape != SHAPE_FOREIGN &&
           (has_items(info->shape) || info->has_attributes || info->shape == SHAPE_ARRAY || info->shape == SHAPE_BYTEARRAY);
}

/* Whether something leads to an object that doesn't count as a reference. */
static inline bool is_referred_to_weakly(PyObject *object)
{
    Py_ssize_t offset = Py_TYPE(object)->tp_weaklistoffset;
    return offset != 0 && *(PyObject **)((char *)object + offset) != NULL;
}

/* Whether there is more that leads to an object than there was. */
static inline bool is_kept(PyObject *object, uint32_t references)
{
    return references_to(object) > references || is_referred_to_weakly(object);
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
    if (!(entry->flags & ENTRY_FRESH) && can_wander(entry->info)) {
        uint32_t references = references_to(entry->object);
        if (references < entry->references) {
            entry->references = references;
        }
    }
}

/* An object is met for the first time where code that isn't recorded has run: it may have been made there, and kept. */
static void let_new_one_wander(Entry *entry)
{
    if (can_wander(entry->info) && is_kept(entry->object, entry->references)) {
        let_wander(entry, entry->references > 0 ? entry->references : 1);
    }
}

/* The same of one that is known: it has just been put into a variable, at least. */
static void note_coming_back(Entry *entry)
{
    if (can_wander(entry->info) && !(entry->flags & ENTRY_FRESH)) {
        uint32_t others = references_to(entry->object) - 1;
        if (is_kept(entry->object, others > 0 ? others : 1)) {
            let_wander(entry, others > 0 ? others : 1);
        }
    }
}
