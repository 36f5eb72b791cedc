/* How an object differs from what was last written of it: found out at as little cost as there is a way to, and written. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

/* Chunks in which an object may be written before it is written whole again, so that reading one
 * back never takes many chunks. Nearly always the first time in a chunk is enough: see restate_due. */
#define SNAPSHOT_EPOCHS 8
/* Entries that cost about as much as saying what changed: an object of so few is written whole the
 * first time that it is written in a chunk, one of twice as many every second chunk. */
#define CHEAP_ENTRIES 8
/* What larger ones that are written whole for that reason may take of a chunk, and what an entry
 * takes, about. */
#define RESTATED_BYTES (CHUNK_BYTES / 16)
#define ENTRY_BYTES 8

static void put_splice(Entry *entry, int part, size_t position, size_t deleted, const Item *items, size_t inserted)
{
    in_library = is_in_library(entry);
    label_met = false;
    put_byte(OB_SPLICE);
    put_unsigned(entry->id);
    put_byte((uint8_t)part);
    put_unsigned(position);
    put_unsigned(deleted);
    put_unsigned(inserted);
    for (size_t i = 0; i < inserted; i++) {
        if (part == PART_ATTRIBUTES) {
            put_unsigned(name_id(items[i].key));
            put_named_value(items[i].key, items[i].value, 1);
        }
        else {
            put_item(&items[i]);
        }
    }
    note_labels(entry);
    in_library = false;
}

/* Write how the entries with the fingerprints `before` became `items`. */
static void put_difference(Entry *entry, int part, const uint64_t *before, size_t old_count, const Item *items,
                           size_t count)
{
    size_t prefix = 0, suffix = 0;
    while (prefix < old_count && prefix < count && before[prefix] == items[prefix].hash) {
        prefix++;
    }
    while (suffix < old_count - prefix && suffix < count - prefix &&
           before[old_count - 1 - suffix] == items[count - 1 - suffix].hash) {
        suffix++;
    }
    size_t deleted = old_count - prefix - suffix, inserted = count - prefix - suffix;
    note_written(entry, inserted > deleted ? inserted : deleted);
    if (deleted != inserted) {
        put_splice(entry, part, prefix, deleted, items + prefix, inserted);
        return;
    }
    for (size_t i = prefix; i < count - suffix; i++) {
        if (before[i] != items[i].hash) {
            size_t start = i;
            while (i + 1 < count - suffix && before[i + 1] != items[i + 1].hash) {
                i++;
            }
            put_splice(entry, part, start, i + 1 - start, items + start, i + 1 - start);
        }
    }
}

static void put_setkey(Entry *entry, const Pair *pair)
{
    label_met = false;
    put_byte(OB_SETKEY);
    put_unsigned(entry->id);
    put_byte(PART_PAIRS);
    put_key(pair->key, 1);
    put_named_value(pair->key, pair->value, 1);
    note_labels(entry);
}

/* An object of `size` entries is written, for the `first` time in this chunk or again: whether to
 * write it whole, so that this chunk alone tells what it contains. */
static bool restate_due(const Entry *entry, size_t size, bool first)
{
    if (LIKELY(!first)) {
        return false;
    }
    if ((entry->epochs + 1u) * CHEAP_ENTRIES >= size) {
        return true;
    }
    size_t cost = size * ENTRY_BYTES;
    if (cost > R.restating_room) {
        return false;
    }
    R.restating_room -= cost;
    return true;
}

static bool snapshot_due(const Entry *entry)
{
    size_t size = entry->count > 16 ? entry->count : 16;
    return entry->written > 2 * size || entry->epochs >= SNAPSHOT_EPOCHS || restate_due(entry, entry->count, entry->epoch != R.epoch);
}

typedef struct {
    LineInfo *line;
    Shadow *shadow;
    bool loose; /* code that isn't recorded may have run, and changed anything it could reach */
} Where;

static void check_large(Entry *entry, const Where *where);
static void look_at(Entry *entry, const Where *where, int depth);

/* ---- comparing ---- */

/* What lines do most often: one attribute, number `place`, has another value. False where that isn't all. */
static bool write_attribute(Entry *entry, const Attributes *where, int number, uint32_t place, uint64_t hash)
{
    PyDictUnicodeEntry *names = DK_UNICODE_ENTRIES(where->keys);
    uint32_t seen = place + 1;
    for (int i = number + 1; i < where->count; i++) {
        int at = inserted_at(where, i);
        if (where->values[at] != NULL &&
            (seen == entry->count || entry->hashes[seen++] != named_hash(names[at].me_key, where->values[at]))) {
            return false;
        }
    }
    if (seen != entry->count) {
        return false;
    }
    if (snapshot_due(entry)) {
        put_contents(entry, OB_SNAPSHOT);
        return true;
    }
    int at = inserted_at(where, number);
    Item item = {names[at].me_key, where->values[at], hash};
    note_written(entry, 1);
    put_splice(entry, PART_ATTRIBUTES, place, 1, &item, 1);
    entry->hashes[place] = hash;
    entry->version = 0;
    return true;
}

/* Nearly always nothing has changed, or one attribute: that is found out, and written, without gathering anything. */
static bool attributes_settled(Entry *entry)
{
    PyObject *object = entry->object;
    const TypeInfo *info = entry->info;
    const uint64_t *hashes = entry->hashes;
    uint32_t count = entry->count;
    if (info->shape == SHAPE_EXCEPTION || info->shape == SHAPE_CLASS) {
        return false;
    }
    uint32_t seen = 0;
#define DIFFERS(name, value) ((value) != NULL && (seen == count || hashes[seen++] != named_hash((name), (value))))
    for (int i = 0; i < info->member_count; i++) {
        PyObject *value = member_of(object, &info->members[i]);
        if (DIFFERS(info->members[i].name, value)) {
            return false;
        }
    }
    Attributes where = instance_attributes(object, info->type);
    if (where.values != NULL && where.keys != NULL) {
        PyDictUnicodeEntry *names = DK_UNICODE_ENTRIES(where.keys);
        for (int i = 0; i < where.count; i++) {
            int place = inserted_at(&where, i);
            PyObject *value = where.values[place];
            if (value == NULL) {
                continue;
            }
            uint64_t hash = named_hash(names[place].me_key, value);
            if (seen == count) {
                return false;
            }
            if (hashes[seen] != hash) {
                return write_attribute(entry, &where, i, seen, hash);
            }
            seen++;
        }
    }
    else if (where.dict != NULL) {
        PyDictObject *dict = (PyDictObject *)where.dict;
        uint64_t version = attributes_version(object, info);
        if (version != 0 && version == entry->version) {
            return true;
        }
        if (!PyDict_Check(where.dict) || dict->ma_values != NULL) {
            return false;
        }
        Py_ssize_t end = dict_end(dict);
        Pair pair;
        for (Py_ssize_t i = 0; i < end; i++) {
            if (dict_entry(dict, i, &pair) && PyUnicode_CheckExact(pair.key) && DIFFERS(pair.key, pair.value)) {
                return false;
            }
        }
        entry->version = seen == count ? version : 0;
    }
#undef DIFFERS
    return seen == count;
}

/* How many items of a list are what they were, from its beginning on. */
static inline size_t list_prefix(const Entry *entry, size_t count)
{
    size_t same = 0;
    while (same < count && same < entry->count) {
        PyObject *value = PyList_GET_ITEM(entry->object, same);
        if (entry->hashes[same] != (value != NULL ? value_hash_inline(value, 1) : 0)) {
            break;
        }
        same++;
    }
    return same;
}

/* Whether CPython's own count says that a dict hasn't changed. */
static inline bool dict_untouched(const Entry *entry)
{
    PyDictObject *dict = (PyDictObject *)entry->object;
    uint64_t version = dict_version(dict);
    return version != 0 && version == entry->version && dict->ma_values == NULL && dict->ma_used == entry->length;
}

/* The same of a class, whose attributes would have to be told apart from what every class has first. */
static inline bool class_untouched(const Entry *entry)
{
    uint64_t version = class_version(entry->object);
    return version != 0 && version == entry->version && !(entry->flags & ENTRY_LARGE);
}

/* A closure's cell that holds what it held: they are compared at every event of the functions that share it. */
static inline bool cell_same(const Entry *entry)
{
    PyObject *value = ((PyCellObject *)entry->object)->ob_ref;
    return entry->count == 1 && !(entry->flags & ENTRY_PENDING) && entry->info->type == &PyCell_Type &&
           entry->hashes[0] == (value != NULL ? value_hash_inline(value, 1) : 0);
}

/* Compare an object with what was last written of it, and write what changed. */
static void check_entry(Entry *entry, const Where *where)
{
    PyObject *object = entry->object;
    if (UNLIKELY(entry->flags & (ENTRY_PENDING | ENTRY_NAMESPACE))) {
        return;
    }
    if (UNLIKELY(Py_TYPE(object) != entry->info->type)) {
        TypeInfo *info = type_info(Py_TYPE(object));
        if (info->tracked || info->shape == SHAPE_CLASS) {
            entry->info = info;
            put_contents(entry, OB_SNAPSHOT);
        }
        return;
    }
    TypeInfo *info = entry->info;
    uint8_t shape = info->shape;
    if (UNLIKELY(entry->flags & ENTRY_DOUBTED) && (!has_items(shape) || container_length(object, shape) <= CHECK_ITEMS)) {
        put_contents(entry, OB_SNAPSHOT);
        return;
    }
    if (shape == SHAPE_ARRAY) {
        if (entry->count == 1 && array_hash(object) != entry->hashes[0]) {
            put_contents(entry, OB_SNAPSHOT);
            budget_spent |= Py_REFCNT(object) > 1; /* a view may share its memory */
        }
        return;
    }
    bool items = has_items(shape);
    if (!items && (shape == SHAPE_CLASS ? class_untouched(entry) : entry->count == entry->attributes && attributes_settled(entry))) {
        return;
    }
    Py_ssize_t length = items ? container_length(object, shape) : 0;
    size_t prefix = 0;
    hash_met_object = false;
    if (length <= CHECK_ITEMS && !(entry->flags & ENTRY_LARGE)) {
        bool bare = entry->attributes == 0 && !info->has_attributes;
        if (shape == SHAPE_LIST && bare) {
            prefix = list_prefix(entry, (size_t)length);
            if (prefix == (size_t)length && length == entry->length && prefix == entry->count) {
                note_atoms(entry);
                return;
            }
        }
        else if (shape == SHAPE_DICT && bare && dict_untouched(entry)) {
            return;
        }
    }
    if (UNLIKELY(length > CHECK_ITEMS || (entry->flags & ENTRY_LARGE))) {
        check_large(entry, where);
        return;
    }
    size_t old_attributes = entry->attributes, old_count = entry->count - old_attributes, count = 0;
    bool same = true;
    if (items) {
        count = gather_items(object, shape, scratch_items, 0, CHECK_ITEMS);
        same = count == old_count;
        for (size_t i = 0; i < count; i++) {
            scratch_items[i].hash = i < prefix ? entry->hashes[i] : item_hash(&scratch_items[i]);
            same = same && scratch_items[i].hash == entry->hashes[i];
        }
        note_atoms(entry);
    }
    else if (old_count == 1) {
        count = 1;
        scratch_items[0].hash = scalar_hash(object);
        same = scratch_items[0].hash == entry->hashes[0];
    }
    size_t attributes = 0;
    bool attributes_equal = true;
    attributes_left_out = 0;
    if (has_attributes(info)) {
        attributes = gather_attributes(object, info);
        attributes_equal = attributes == old_attributes;
        for (size_t i = 0; i < attributes; i++) {
            scratch_attributes[i].hash = item_hash(&scratch_attributes[i]);
            attributes_equal = attributes_equal && scratch_attributes[i].hash == entry->hashes[old_count + i];
        }
    }
    if (LIKELY(same && attributes_equal)) {
        remember_dict(entry);
        return;
    }
    if (snapshot_due(entry) || (!items && !same) || length > R.max_items || attributes_left_out > 0) {
        put_contents(entry, OB_SNAPSHOT);
        return;
    }
    if (!same) {
        put_difference(entry, main_part(shape), entry->hashes, old_count, scratch_items, count);
    }
    if (!attributes_equal) {
        put_difference(entry, PART_ATTRIBUTES, entry->hashes + old_count, old_attributes, scratch_attributes, attributes);
    }
    entry->length = length;
    entry->attributes = (uint32_t)attributes;
    if (keep_hashes(entry, count + attributes)) {
        for (size_t i = 0; i < count; i++) {
            entry->hashes[i] = scratch_items[i].hash;
        }
        for (size_t i = 0; i < attributes; i++) {
            entry->hashes[count + i] = scratch_attributes[i].hash;
        }
    }
    else {
        entry->attributes = 0;
    }
    remember_dict(entry);
}

/* It is met again after code that isn't recorded has run, which may have held it until now. */
static void check_anew(Entry *entry, bool from_library)
{
    static const Where anywhere = {NULL, NULL, true};
    if (from_library) { /* it comes from there, and what it holds may have changed as well */
        bool spent = budget_spent;
        look_at(entry, &anywhere, 0);
        if (budget_spent && !spent) {
            put_byte(ST_LOOSE);
        }
        return;
    }
    current_depth = entry->depth + 1;
    check_entry(entry, &anywhere);
}
