/* The table of tracked objects: identity while they live. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

static Entry **entries;
static size_t entry_capacity, entry_count;
static Entry *free_entries;
static int current_depth; /* how far from a variable what is being written stands */

static Entry *find_entry(PyObject *object)
{
    if (UNLIKELY(entries == NULL)) {
        return NULL;
    }
    size_t mask = entry_capacity - 1, place = hash_address(object, mask);
    Entry *entry;
    while ((entry = entries[place]) != NULL) {
        if (entry->object == object) {
            return entry;
        }
        place = (place + 1) & mask;
    }
    return NULL;
}

static void stop_wandering(const Entry *entry);
static void stop_all_wandering(void);

/* Classes and modules' names. */
static Entry **open_entries;
static size_t open_count, open_capacity;

static void open_entry(Entry *entry)
{
    if (open_count == open_capacity) {
        size_t capacity = open_capacity ? 2 * open_capacity : 64;
        Entry **longer = realloc(open_entries, capacity * sizeof(Entry *));
        if (longer == NULL) {
            return;
        }
        open_entries = longer;
        open_capacity = capacity;
    }
    entry->flags |= ENTRY_OPEN;
    open_entries[open_count++] = entry;
}

static void close_entry(const Entry *entry)
{
    for (size_t i = open_count; i-- > 0;) {
        if (open_entries[i] == entry) {
            open_count--;
            memmove(&open_entries[i], &open_entries[i + 1], (open_count - i) * sizeof(Entry *));
            return;
        }
    }
}

static inline uint32_t references_to(PyObject *object)
{
    Py_ssize_t count = Py_REFCNT(object);
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

/* An entry that is used again keeps its memory for a few fingerprints: most objects are small, and live shortly. */
#define KEPT_HASHES 16

static void release_entry(Entry *entry)
{
    if (entry->capacity > KEPT_HASHES) {
        free(entry->hashes);
        entry->hashes = NULL;
        entry->capacity = 0;
    }
    entry->object = NULL;
    entry->next_free = free_entries;
    free_entries = entry;
}

static void remove_entry(size_t place)
{
    size_t mask = entry_capacity - 1;
    Entry *entry = entries[place];
    if (UNLIKELY(entry->flags & ENTRY_WANDERS)) {
        stop_wandering(entry);
    }
    if (UNLIKELY(entry->flags & ENTRY_OPEN)) {
        close_entry(entry);
    }
    release_entry(entry);
    entry_count--;
    size_t hole = place, next = place;
    for (;;) { /* keep the chains of linear probing whole */
        next = (next + 1) & mask;
        if (entries[next] == NULL) {
            break;
        }
        size_t home = hash_address(entries[next]->object, mask);
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            entries[hole] = entries[next];
            hole = next;
        }
    }
    entries[hole] = NULL;
}

static void forget_object(PyObject *object)
{
    if (entries != NULL) {
        size_t mask = entry_capacity - 1, place = hash_address(object, mask);
        Entry *entry;
        while ((entry = entries[place]) != NULL) {
            if (entry->object == object) {
                count_death(object);
                remove_entry(place);
                break;
            }
            place = (place + 1) & mask;
        }
    }
    if (PyType_FastSubclass(Py_TYPE(object), Py_TPFLAGS_TYPE_SUBCLASS)) {
        forget_type((PyTypeObject *)object);
    }
}

static bool grow_entries(void)
{
    size_t capacity = entry_capacity ? entry_capacity * 2 : 4096;
    Entry **table = calloc(capacity, sizeof(Entry *));
    if (table == NULL) {
        return false;
    }
    for (size_t i = 0; i < entry_capacity; i++) {
        if (entries[i] != NULL) {
            size_t place = hash_address(entries[i]->object, capacity - 1);
            while (table[place] != NULL) {
                place = (place + 1) & (capacity - 1);
            }
            table[place] = entries[i];
        }
    }
    free(entries);
    entries = table;
    entry_capacity = capacity;
    return true;
}

static Entry *entry_memory(void)
{
    if (free_entries == NULL) {
        const size_t block = 256;
        Entry *fresh = calloc(block, sizeof(Entry));
        if (fresh == NULL) {
            return NULL;
        }
        for (size_t i = 0; i < block; i++) {
            fresh[i].next_free = free_entries;
            free_entries = &fresh[i];
        }
    }
    Entry *entry = free_entries;
    free_entries = entry->next_free;
    return entry;
}

/* Memory for tracked objects is bounded: when it is used up, all identities are given up at once,
 * and objects seen again get new ones (two ids for one object are the lesser evil). */
#define MAX_ENTRIES 140000

static void give_up_entries(void)
{
    stop_all_wandering();
    open_count = 0;
    for (size_t i = 0; i < entry_capacity; i++) {
        Entry *entry = entries[i];
        if (entry != NULL) {
            release_entry(entry);
            entries[i] = NULL;
        }
    }
    entry_count = 0;
    R.ring->cut[CUT_OBJECTS]++;
}

/* The entry of a tracked object, made where there is none; NULL where it is too deep to be kept or
 * memory is short. */
static Entry *entry_of(PyObject *object, TypeInfo *info)
{
    Entry *entry = find_entry(object);
    if (LIKELY(entry != NULL)) {
        return entry;
    }
    if (current_depth > R.max_depth) {
        return NULL;
    }
    if (entry_count * 2 >= entry_capacity && !grow_entries()) {
        return NULL;
    }
    entry = entry_memory();
    if (entry == NULL) {
        return NULL;
    }
    uint64_t *hashes = entry->hashes;
    uint32_t capacity = entry->capacity;
    memset(entry, 0, sizeof *entry);
    entry->hashes = hashes;
    entry->capacity = capacity;
    entry->object = object;
    entry->info = info;
    entry->id = ++R.objects;
    entry->depth = (uint8_t)(current_depth < 255 ? current_depth : 255);
    entry->flags = ENTRY_PENDING | ENTRY_FRESH;
    entry->epoch = R.epoch;
    entry->unseen = R.unseen;
    size_t mask = entry_capacity - 1, place = hash_address(object, mask);
    while (entries[place] != NULL) {
        place = (place + 1) & mask;
    }
    entries[place] = entry;
    entry_count++;
    if (info->shape == SHAPE_CLASS) {
        open_entry(entry);
    }
    enqueue(PENDING_OBJECT, 0, entry, 0);
    return entry;
}
