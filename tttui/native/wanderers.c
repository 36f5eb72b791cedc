/* Objects that code which isn't recorded may keep, and change at any later time while no line of the program
 * leads there: a list whose append was handed over as a callback, an instance that a library has put into a list of
 * its own. They are looked at again, and what lies behind them, when such code has run, until what was kept of them
 * is let go. */
#include "recorder.h"

#define MOST_WANDERERS 64

typedef struct {
    Entry *entry;
    uint32_t references; /* those of the program's, as far as they are known */
    bool shares;         /* it is followed for its dict, which something else has, too */
    bool eager;          /* it may change while nothing tells that code has run: by a thread of C code */
} Wanderer;
static Wanderer wanderers[MOST_WANDERERS];
static unsigned wanderer_count;
static unsigned eager_count; /* those of them that are looked at before every event */

/* What the counts were that tell whether code that isn't recorded has run, when all of them were last looked at. */
static uint64_t deaths_known, switches_known;
static uint32_t unseen_known;

static void remove_wanderer(unsigned index)
{
    eager_count -= wanderers[index].eager;
    wanderers[index].entry->flags &= (uint16_t)~ENTRY_WANDERS;
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

static void start_wandering(Entry *entry, uint32_t references, bool shares)
{
    if (entry->flags & (ENTRY_WANDERS | ENTRY_NAMESPACE)) {
        for (unsigned i = 0; shares && i < wanderer_count; i++) {
            if (wanderers[i].entry == entry && !wanderers[i].shares) {
                eager_count += !wanderers[i].eager;
                wanderers[i].shares = wanderers[i].eager = true;
            }
        }
        return;
    }
    if (wanderer_count == MOST_WANDERERS) {
        Entry *oldest = wanderers[0].entry;
        remove_wanderer(0);
        put_doubt(oldest); /* until it is next looked at */
    }
    entry->flags |= ENTRY_WANDERS;
    bool eager = shares || has_items(entry->info->shape) || entry->info->shape == SHAPE_BYTEARRAY;
    wanderers[wanderer_count++] = (Wanderer){entry, references, shares, eager};
    eager_count += eager;
}

static void let_wander(Entry *entry, uint32_t references) { start_wandering(entry, references, false); }

/* A variable refers to an object that is followed, or did until now. */
static void count_variable(const Entry *entry, int change)
{
    for (unsigned i = 0; i < wanderer_count; i++) {
        if (wanderers[i].entry == entry && (change > 0 || wanderers[i].references > 0)) {
            wanderers[i].references += (uint32_t)change;
        }
    }
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

/* A line begins that may hand it over: what the program has done since it was last looked at may have given it other
 * names, or taken some away. */
static inline void note_references(Entry *entry)
{
    if (!(entry->flags & ENTRY_FRESH) && entry->info->wanders) {
        entry->references = references_to(entry->object);
    }
}

/* An object is met for the first time where code that isn't recorded has run: it may have been made there, and kept. */
static void let_new_one_wander(Entry *entry)
{
    if (entry->flags & ENTRY_HELD && entry->references == 0 && entry->info->shape != SHAPE_INSTANCE) {
        return; /* a part of what is a library's, and shown as that */
    }
    if (entry->info->wanders && is_kept(entry->object, entry->references)) {
        let_wander(entry, entry->references);
    }
}

/* Objects to which more refers than did before a line: all of it may be of the program's own, or one of a library's. */
#define MOST_HANDED 16
typedef struct {
    Entry *entry;
    uint32_t references; /* that there were before */
    bool certain;        /* that a library may have kept it, whatever the rest of the line does */
} Handed;
static Handed handed[MOST_HANDED];
static unsigned handed_count;

static void note_handed(Entry *entry, uint32_t references, bool certain)
{
    if (handed_count < MOST_HANDED) {
        handed[handed_count++] = (Handed){entry, references, certain};
    }
    else if (certain) {
        let_wander(entry, references);
    }
}

/* What the line changed is written: where that accounts for what refers to them now, nobody else has kept them. */
static void settle_handed(void)
{
    while (handed_count > 0) {
        const Handed *each = &handed[--handed_count];
        Entry *entry = each->entry;
        uint32_t own = each->references + (entry->mentioned > line_began ? entry->mentions : 0);
        if ((each->certain || from_outside) && is_kept(entry->object, own)) {
            let_wander(entry, own);
        }
    }
}
