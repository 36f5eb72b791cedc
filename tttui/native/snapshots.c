/* What is written of an object: its whole content. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

static bool budget_spent; /* there were objects that could not be looked at */

/* What looking at many things may cost: saved up by the events. */
#define CREDIT_PER_EVENT 64
#define MOST_CREDIT (1u << 20)
typedef struct {
    uint64_t left, event;
} Credit;

static bool spend_from(Credit *credit, uint64_t cost)
{
    credit->event = credit->event > R.events ? R.events : credit->event;
    credit->left += CREDIT_PER_EVENT * (R.events - credit->event);
    credit->left = credit->left < MOST_CREDIT ? credit->left : MOST_CREDIT;
    credit->event = R.events;
    if (credit->left < cost) {
        return false;
    }
    credit->left -= cost;
    return true;
}

/* Whether what refers to something from inside an object is a library's. */
static inline bool is_in_library(const Entry *entry)
{
    return entry->info->shape == SHAPE_FOREIGN || entry->flags & ENTRY_HELD;
}

static bool keep_hashes(Entry *entry, size_t count)
{
    if (count > entry->capacity) {
        size_t capacity = count <= CHECK_ITEMS ? (count + 3) & ~(size_t)3
                          : count < 2 * (size_t)entry->capacity ? 2 * (size_t)entry->capacity : count;
        uint64_t *hashes = realloc(entry->hashes, capacity * sizeof(uint64_t));
        if (hashes == NULL) {
            entry->count = entry->attributes = 0;
            return false;
        }
        entry->hashes = hashes;
        entry->capacity = (uint32_t)capacity;
    }
    entry->count = (uint32_t)count;
    return true;
}

static void remember_region(Entry *entry);

static inline void note_atoms(Entry *entry)
{
    entry->flags = (uint16_t)((entry->flags & ~ENTRY_ATOMS) | (hash_met_object ? 0 : ENTRY_ATOMS));
}

/* Changes whenever an attribute of a class does, where CPython keeps such a counter; else 0. */
static inline uint64_t class_version(PyObject *class)
{
    PyDictObject *dict = (PyDictObject *)type_dict((PyTypeObject *)class);
    return dict != NULL && dict->ma_values == NULL ? dict_version(dict) : 0;
}

static void remember_dict(Entry *entry)
{
    if (entry->info->shape == SHAPE_CLASS) {
        entry->version = class_version(entry->object);
    }
    else if (entry->info->shape == SHAPE_DICT) {
        entry->version = dict_version((PyDictObject *)entry->object);
        entry->entries_end = dict_end((PyDictObject *)entry->object);
    }
    else if (entry->info->has_attributes) {
        entry->version = attributes_version(entry->object, entry->info);
    }
}

static void note_written(Entry *entry, size_t count)
{
    entry->written += (uint32_t)count;
    if (entry->epoch != R.epoch) {
        entry->epoch = R.epoch;
        entry->epochs++;
    }
}

/* What has just been written of it may be shown by names. */
static inline void note_labels(Entry *entry) { entry->flags |= label_met ? ENTRY_LABELS : 0; }

/* The fingerprints of the attributes stand behind those of the items. */
static void remember_attributes(Entry *entry, size_t attributes)
{
    size_t items = entry->count;
    entry->attributes = 0;
    if (attributes > 0 && keep_hashes(entry, items + attributes)) {
        for (size_t i = 0; i < attributes; i++) {
            entry->hashes[items + i] = item_hash(&scratch_attributes[i]);
        }
        entry->attributes = (uint32_t)attributes;
    }
}

static void note_name(const Entry *space, PyObject *name, PyObject *value);
static void remember_space(Entry *space);

/* Of the dict of a module or class body, the names that aren't Python's own. */
static void put_namespace(Entry *space)
{
    PyDictObject *dict = (PyDictObject *)space->object;
    Py_ssize_t count = 0, end = dict_end(dict);
    Pair pair;
    for (Py_ssize_t i = 0; i < end; i++) {
        count += dict_entry(dict, i, &pair) && PyUnicode_CheckExact(pair.key) && !is_dunder(pair.key);
    }
    Py_ssize_t kept = count < R.max_items ? count : R.max_items;
    put_byte(1);
    put_byte(PART_PAIRS);
    put_unsigned((uint64_t)count);
    put_unsigned((uint64_t)kept);
    for (Py_ssize_t i = 0; i < end && kept > 0; i++) {
        if (dict_entry(dict, i, &pair) && PyUnicode_CheckExact(pair.key) && !is_dunder(pair.key)) {
            put_key(pair.key, 1);
            put_named_value(pair.key, pair.value, 1);
            note_name(space, pair.key, pair.value);
            kept--;
        }
    }
    put_unsigned(0);
    remember_space(space);
}

static void put_small_items(Entry *entry, Py_ssize_t length, size_t attributes)
{
    uint8_t shape = entry->info->shape;
    Py_ssize_t kept = length < R.max_items ? length : R.max_items;
    size_t count = gather_items(entry->object, shape, scratch_items, 0, (size_t)length);
    if ((Py_ssize_t)count < kept) {
        kept = (Py_ssize_t)count;
    }
    put_unsigned((uint64_t)kept);
    bool room = keep_hashes(entry, count + attributes);
    hash_met_object = !room;
    for (size_t i = 0; i < count; i++) {
        if ((Py_ssize_t)i < kept) {
            put_item(&scratch_items[i]);
        }
        if (room) {
            entry->hashes[i] = item_hash(&scratch_items[i]);
        }
    }
    note_atoms(entry);
    put_unsigned(0);
    if (kept < length) {
        R.ring->cut[CUT_ITEMS]++;
    }
}

static void put_large_items(Entry *entry, Py_ssize_t length)
{
    uint8_t shape = entry->info->shape;
    PyObject *object = entry->object;
    entry->flags |= ENTRY_LARGE;
    Py_ssize_t head = length < R.max_items ? length : R.max_items, tail = 0, done = 0;
    if (head < length && (shape == SHAPE_LIST || shape == SHAPE_DEQUE)) {
        tail = length - head < TAIL_KEPT ? length - head : TAIL_KEPT;
    }
    uint8_t *count_at = R.cursor;
    put_unsigned((uint64_t)head);
    size_t width = (size_t)(R.cursor - count_at);
    for (Py_ssize_t from = 0; from < head && has_room(); from += CHECK_ITEMS) {
        size_t want = (size_t)(head - from < CHECK_ITEMS ? head - from : CHECK_ITEMS);
        size_t count = gather_items(object, shape, scratch_items, from, want);
        for (size_t i = 0; i < count; i++) {
            put_item(&scratch_items[i]);
        }
        done += (Py_ssize_t)count;
        if (count < want) {
            break;
        }
    }
    if (done < head) { /* out of room: correct the number in place, in as many bytes */
        uint64_t rest = (uint64_t)done;
        for (size_t i = 0; i < width; i++) {
            count_at[i] = (uint8_t)(rest & 0x7f) | (i + 1 < width ? 0x80 : 0);
            rest >>= 7;
        }
        tail = 0;
    }
    size_t count = tail ? gather_items(object, shape, scratch_items, length - tail, (size_t)tail) : 0;
    put_unsigned(count);
    for (size_t i = 0; i < count; i++) {
        put_item(&scratch_items[i]);
    }
    if (done + (Py_ssize_t)count < length) {
        R.ring->cut[CUT_ITEMS]++;
    }
    remember_region(entry);
}

static void put_attributes(size_t count)
{
    put_byte(PART_ATTRIBUTES);
    put_unsigned(count + attributes_left_out);
    put_unsigned(count);
    for (size_t i = 0; i < count; i++) {
        put_unsigned(name_id(scratch_attributes[i].key));
        put_named_value(scratch_attributes[i].key, scratch_attributes[i].value, 1);
    }
    put_unsigned(0);
    R.ring->cut[CUT_ITEMS] += attributes_left_out > 0;
}

/* Write everything that is known of an object, and remember it for the next look. */
static void write_contents(Entry *entry, uint8_t tag)
{
    PyObject *object = entry->object;
    TypeInfo *info = entry->info;
    uint8_t shape = info->shape;
    entry->flags &= ENTRY_NAMESPACE | ENTRY_WANDERS | ENTRY_FRESH | ENTRY_OPEN | ENTRY_HELD;
    entry->written = 0;
    entry->epochs = 0;
    entry->epoch = R.epoch;
    entry->snapshot = R.events;
    put_byte(tag);
    put_unsigned(entry->id);
    put_unsigned(info->id);
    if (UNLIKELY(!has_room())) {
        put_byte(0);
        entry->length = -1;
        entry->count = entry->attributes = 0;
        entry->flags |= ENTRY_LARGE;
        R.ring->cut[CUT_OBJECTS]++;
        return;
    }
    if (entry->flags & ENTRY_NAMESPACE) {
        put_namespace(entry);
        return;
    }
    if (shape == SHAPE_ARRAY) {
        uint64_t hash = 0;
        uint8_t *at = R.cursor;
        put_byte(1);
        if (!put_array(object, &hash)) {
            R.cursor = at;
            put_byte(0);
        }
        if (keep_hashes(entry, 1)) {
            entry->hashes[0] = hash;
        }
        return;
    }
    bool items = has_items(shape), scalar = !items && has_scalar(object);
    size_t attributes = has_attributes(info) ? gather_attributes(object, info) : 0, known = 0;
    put_byte((uint8_t)(items + scalar + (attributes > 0)));
    if (items) {
        Py_ssize_t length = container_length(object, shape);
        entry->length = length;
        put_byte((uint8_t)main_part(shape));
        put_unsigned((uint64_t)length);
        if (length <= CHECK_ITEMS) {
            put_small_items(entry, length, attributes);
            known = entry->count >= attributes ? entry->count - attributes : 0;
        }
        else {
            put_large_items(entry, length);
        }
    }
    else {
        keep_hashes(entry, scalar + attributes);
        if (scalar) {
            put_byte(PART_SCALAR);
            put_unsigned(1);
            put_unsigned(1);
            put_scalar(object);
            put_unsigned(0);
            if (entry->count) {
                entry->hashes[0] = scalar_hash(object);
            }
            known = 1;
        }
    }
    entry->attributes = (uint32_t)attributes;
    if (attributes > 0) {
        put_attributes(attributes);
        if (entry->flags & ENTRY_LARGE) {
            remember_attributes(entry, attributes);
        }
        else if (entry->count == known + attributes) {
            for (size_t i = 0; i < attributes; i++) {
                entry->hashes[known + i] = item_hash(&scratch_attributes[i]);
            }
        }
    }
    remember_dict(entry);
}

static void check_anew(Entry *entry, bool from_library);
static void let_new_one_wander(Entry *entry);

/* All references to new objects that the program has are known by now. */
static void settle_new_entries(void)
{
    for (size_t i = 0; i < R.queue_count; i++) {
        Entry *entry = R.queue[i].what;
        if (R.queue[i].kind == PENDING_OBJECT && entry->flags & ENTRY_FRESH) {
            entry->flags &= (uint16_t)~ENTRY_FRESH;
            if (from_outside) {
                let_new_one_wander(entry);
            }
            entry->references = references_to(entry->object);
        }
    }
}

static void put_contents(Entry *entry, uint8_t tag)
{
    in_library = is_in_library(entry);
    label_met = false;
    write_contents(entry, tag);
    note_labels(entry);
    in_library = false;
}

/* Write what has been queued; it may queue more. */
static void drain_queue(void)
{
    for (size_t i = 0; i < R.queue_count; i++) {
        Pending item = R.queue[i];
        switch (item.kind) {
        case PENDING_OBJECT: {
            Entry *entry = item.what;
            current_depth = entry->depth + 1;
            in_new = item.extra == 0;
            put_contents(entry, in_new ? OB_NEW : (uint8_t)item.extra);
            in_new = false;
            break;
        }
        case PENDING_CHECK:
            check_anew(item.what, item.extra != 0);
            break;
        case PENDING_TYPE:
            put_type_definition(&item);
            break;
        case PENDING_NAME:
            put_byte(DEF_NAME);
            put_unsigned(item.id);
            put_text(item.what);
            break;
        default:
            put_text_definition(&item);
        }
    }
    settle_new_entries();
    R.queue_count = 0;
    current_depth = 0;
}

static inline void drain(void)
{
    if (UNLIKELY(R.queue_count > 0)) {
        drain_queue();
    }
    current_depth = 0;
}
