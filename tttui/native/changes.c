/* What is written of an object: its whole content, or how it differs from what was last written. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

/* Of large lists, the fingerprints at both ends are kept. */
#define HEAD_WINDOW 4
#define TAIL_WINDOW 8
/* Chunks in which a small object may be written before it is written whole again, so that reading
 * one back never takes many chunks. */
#define SNAPSHOT_EPOCHS 8

static bool budget_spent; /* there were objects that could not be looked at */

static bool keep_hashes(Entry *entry, size_t count)
{
    if (count > entry->capacity) {
        uint64_t *hashes = realloc(entry->hashes, count * sizeof(uint64_t));
        if (hashes == NULL) {
            entry->count = 0;
            return false;
        }
        entry->hashes = hashes;
        entry->capacity = (uint32_t)count;
    }
    entry->count = (uint32_t)count;
    return true;
}

static inline void note_atoms(Entry *entry)
{
    entry->flags = (uint8_t)((entry->flags & ~ENTRY_ATOMS) | (hash_met_object ? 0 : ENTRY_ATOMS));
}

static void remember_windows(Entry *entry)
{
    PyObject *object = entry->object;
    if (entry->info->shape != SHAPE_LIST || !keep_hashes(entry, HEAD_WINDOW + TAIL_WINDOW)) {
        entry->count = 0;
        return;
    }
    size_t count = 0;
    for (Py_ssize_t i = 0; i < HEAD_WINDOW; i++) {
        entry->hashes[count++] = value_hash(PyList_GET_ITEM(object, i), 1);
    }
    for (Py_ssize_t i = entry->length - TAIL_WINDOW; i < entry->length; i++) {
        entry->hashes[count++] = value_hash(PyList_GET_ITEM(object, i), 1);
    }
}

static void remember_dict(Entry *entry)
{
    if (entry->info->shape == SHAPE_DICT) {
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

/* ---- whole contents ---- */

/* Of the dict of a module or class body, the names that aren't Python's own. */
static void put_namespace(PyDictObject *dict)
{
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
            put_value(pair.key, 1);
            put_value(pair.value, 1);
            kept--;
        }
    }
    put_unsigned(0);
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
    remember_windows(entry);
}

static void put_attributes(size_t count)
{
    put_byte(PART_ATTRIBUTES);
    put_unsigned(count);
    put_unsigned(count);
    for (size_t i = 0; i < count; i++) {
        put_unsigned(name_id(scratch_attributes[i].key));
        put_value(scratch_attributes[i].value, 1);
    }
    put_unsigned(0);
}

/* Write everything that is known of an object, and remember it for the next look. */
static void put_contents(Entry *entry, uint8_t tag)
{
    PyObject *object = entry->object;
    TypeInfo *info = entry->info;
    uint8_t shape = info->shape;
    entry->flags &= ENTRY_NAMESPACE;
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
        put_namespace((PyDictObject *)object);
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
        if (!(entry->flags & ENTRY_LARGE) && entry->count == known + attributes) {
            for (size_t i = 0; i < attributes; i++) {
                entry->hashes[known + i] = item_hash(&scratch_attributes[i]);
            }
        }
    }
    remember_dict(entry);
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
            put_contents(entry, OB_NEW);
            break;
        }
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

/* ---- differences ---- */

static void put_splice(Entry *entry, int part, size_t position, size_t deleted, const Item *items, size_t inserted)
{
    put_byte(OB_SPLICE);
    put_unsigned(entry->id);
    put_byte((uint8_t)part);
    put_unsigned(position);
    put_unsigned(deleted);
    put_unsigned(inserted);
    for (size_t i = 0; i < inserted; i++) {
        if (part == PART_ATTRIBUTES) {
            put_unsigned(name_id(items[i].key));
            put_value(items[i].value, 1);
        }
        else {
            put_item(&items[i]);
        }
    }
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
    put_byte(OB_SETKEY);
    put_unsigned(entry->id);
    put_byte(PART_PAIRS);
    put_value(pair->key, 1);
    put_value(pair->value, 1);
}

static bool snapshot_due(const Entry *entry)
{
    size_t size = entry->count > 16 ? entry->count : 16;
    return entry->written > 2 * size || entry->epochs >= SNAPSHOT_EPOCHS;
}

/* Large ones are written whole again when about as much has been written of their changes. */
static bool large_snapshot_due(const Entry *entry, Py_ssize_t length)
{
    Py_ssize_t kept = length < R.max_items ? length : R.max_items;
    return (Py_ssize_t)entry->written >= 2 * kept || entry->epochs >= 4 * SNAPSHOT_EPOCHS;
}

static void put_resize(Entry *entry, Py_ssize_t length)
{
    put_byte(OB_RESIZE);
    put_unsigned(entry->id);
    put_byte((uint8_t)main_part(entry->info->shape));
    put_unsigned((uint64_t)length);
}

/* A large container changed in ways that weren't seen: write it whole again, but no oftener than every
 * four times as many events as it has entries; in between, say that it isn't known. */
static void put_unseen_change(Entry *entry)
{
    note_written(entry, 1);
    Py_ssize_t length = container_length(entry->object, entry->info->shape);
    Py_ssize_t kept = length < R.max_items ? length : R.max_items;
    entry->length = length;
    if (R.events - entry->snapshot >= 4 * (uint64_t)kept) {
        put_contents(entry, OB_SNAPSHOT);
        return;
    }
    put_resize(entry, length);
    remember_windows(entry);
    remember_dict(entry);
}

/* ---- large containers: the line itself tells where to look ---- */

typedef struct {
    const LineInfo *line;
    Shadow *shadow;
    bool loose; /* code that isn't recorded may have run, and changed anything it could reach */
} Where;

#define CANDIDATES 24

/* The values that may have been used as a key or an index on the line: its constants, and the ints
 * and strings in the variables it reads. */
static size_t candidate_keys(const Where *where, PyObject **out)
{
    size_t count = 0;
    const LineInfo *line = where->line;
    if (line == NULL) {
        return 0;
    }
    for (int i = 0; i < line->key_count && count < CANDIDATES; i++) {
        out[count++] = line->keys[i];
    }
    Shadow *shadow = where->shadow;
    if (shadow == NULL) {
        return count;
    }
    if (!shadow->code->optimized && shadow->namespace_entry != NULL) {
        for (int i = 0; i < line->global_count && count < CANDIDATES; i++) {
            PyObject *value = dict_find(shadow->namespace_entry->object, line->globals[i].name);
            if (value != NULL && (PyLong_CheckExact(value) || PyUnicode_CheckExact(value))) {
                out[count++] = value;
            }
        }
    }
    for (int word = 0; word < shadow->code->words; word++) {
        uint64_t bits = line->loads[word];
        while (bits && count < CANDIDATES) {
            int slot = word * 64 + __builtin_ctzll(bits);
            bits &= bits - 1;
            PyObject *value = frame_slot(shadow->frame, slot);
            if (value != NULL && (PyLong_CheckExact(value) || PyUnicode_CheckExact(value))) {
                out[count++] = value;
            }
        }
    }
    return count;
}

static bool small_index(PyObject *key, Py_ssize_t length, Py_ssize_t *index)
{
    if (!PyLong_CheckExact(key) || int_digit_count((PyLongObject *)key) > 2) {
        return false;
    }
    PyLongObject *value = (PyLongObject *)key;
    digit *digits = int_digits(value);
    Py_ssize_t count = int_digit_count(value), number = count == 0 ? 0 : (Py_ssize_t)digits[0];
    if (count == 2) {
        number |= (Py_ssize_t)digits[1] << PyLong_SHIFT;
    }
    if (int_is_negative(value)) {
        number = length - number;
    }
    *index = number;
    return number >= 0 && number < length;
}

/* Whether `count` fingerprints from `from` of the window are those of the items from `position`. */
static bool window_is(const Entry *entry, int from, int count, Py_ssize_t position)
{
    for (int i = 0; i < count; i++) {
        if (entry->hashes[from + i] != value_hash(PyList_GET_ITEM(entry->object, position + i), 1)) {
            return false;
        }
    }
    return true;
}

static bool put_list_splice(Entry *entry, Py_ssize_t position, Py_ssize_t deleted, Py_ssize_t inserted)
{
    size_t count = inserted ? gather_items(entry->object, SHAPE_LIST, scratch_items, position, (size_t)inserted) : 0;
    put_splice(entry, PART_ITEMS, (size_t)position, (size_t)deleted, scratch_items, count);
    note_written(entry, (size_t)(inserted > deleted ? inserted : deleted));
    return true;
}

/* A large list got longer or shorter at its end: the fingerprints in the window there move on, and those of
 * the items that are new in it are added. */
static void move_tail_window(Entry *entry, Py_ssize_t length, Py_ssize_t moved)
{
    uint64_t *tail = entry->hashes + HEAD_WINDOW;
    Py_ssize_t first = length - TAIL_WINDOW, from = 0, until = TAIL_WINDOW;
    if (moved > 0 && moved < TAIL_WINDOW) {
        memmove(tail, tail + moved, (size_t)(TAIL_WINDOW - moved) * sizeof *tail);
        from = TAIL_WINDOW - moved;
    }
    else if (moved < 0 && -moved < TAIL_WINDOW) {
        memmove(tail - moved, tail, (size_t)(TAIL_WINDOW + moved) * sizeof *tail);
        until = -moved;
    }
    for (Py_ssize_t i = from; i < until; i++) {
        tail[i] = value_hash(PyList_GET_ITEM(entry->object, first + i), 1);
    }
}

/* A large list got longer or shorter at one end, as both windows tell: written as that. */
static bool put_change_at_end(Entry *entry, Py_ssize_t length, Py_ssize_t old)
{
    Py_ssize_t grown = length - old;
    if (grown > 0 && grown <= CHECK_ITEMS) {
        if (window_is(entry, 0, HEAD_WINDOW, 0) && window_is(entry, HEAD_WINDOW, TAIL_WINDOW, old - TAIL_WINDOW)) {
            move_tail_window(entry, length, grown);
            return put_list_splice(entry, old, 0, grown);
        }
        if (window_is(entry, 0, HEAD_WINDOW, grown) && window_is(entry, HEAD_WINDOW, TAIL_WINDOW, length - TAIL_WINDOW)) {
            put_list_splice(entry, 0, 0, grown);
            entry->length = length;
            remember_windows(entry);
            return true;
        }
    }
    else if (grown < 0 && -grown < HEAD_WINDOW) {
        int gone = (int)-grown;
        if (window_is(entry, 0, HEAD_WINDOW, 0) && window_is(entry, HEAD_WINDOW, TAIL_WINDOW - gone, old - TAIL_WINDOW)) {
            move_tail_window(entry, length, grown);
            return put_list_splice(entry, length, gone, 0);
        }
        if (window_is(entry, gone, HEAD_WINDOW - gone, 0) &&
            window_is(entry, HEAD_WINDOW, TAIL_WINDOW, length - TAIL_WINDOW)) {
            put_list_splice(entry, 0, gone, 0);
            entry->length = length;
            remember_windows(entry);
            return true;
        }
    }
    return false;
}

/* Items at the indices that the line may have stored to; false where it named none. */
static bool put_candidate_items(Entry *entry, const Where *where, Py_ssize_t length)
{
    PyObject *keys[CANDIDATES];
    size_t count = candidate_keys(where, keys), found = 0;
    for (size_t i = 0; i < count; i++) {
        Py_ssize_t index;
        if (small_index(keys[i], length, &index)) {
            put_list_splice(entry, index, 1, 1);
            found++;
        }
    }
    return found > 0;
}

static void check_large_list(Entry *entry, const Where *where)
{
    Py_ssize_t length = Py_SIZE(entry->object), old = entry->length;
    bool stores = where->line != NULL && (where->line->flags & LINE_SETS_ITEM);
    if (entry->count != HEAD_WINDOW + TAIL_WINDOW) {
        put_unseen_change(entry);
        return;
    }
    if (length == old) {
        bool same = window_is(entry, 0, HEAD_WINDOW, 0) && window_is(entry, HEAD_WINDOW, TAIL_WINDOW, length - TAIL_WINDOW);
        if (same && !stores) {
            return;
        }
        if (!stores || !put_candidate_items(entry, where, length)) {
            put_unseen_change(entry);
            return;
        }
        if (!same) {
            remember_windows(entry);
        }
    }
    else if (!put_change_at_end(entry, length, old)) {
        put_unseen_change(entry);
        return;
    }
    entry->length = length;
    if (large_snapshot_due(entry, length)) {
        put_contents(entry, OB_SNAPSHOT);
    }
}

/* Keys that the line may have set or deleted; returns how many were found changed. */
static Py_ssize_t put_candidate_pairs(Entry *entry, const Where *where, bool shrunk, Py_ssize_t *deleted)
{
    PyDictObject *dict = (PyDictObject *)entry->object;
    PyObject *keys[CANDIDATES];
    size_t count = candidate_keys(where, keys);
    Py_ssize_t written = 0;
    for (size_t i = 0; i < count; i++) {
        Pair pair;
        Py_ssize_t place = dict_place(dict, keys[i]);
        if (place >= 0 && dict_entry(dict, place, &pair)) {
            put_setkey(entry, &pair);
            written++;
        }
        else if (shrunk) {
            (*deleted)++;
            put_byte(OB_DELKEY);
            put_unsigned(entry->id);
            put_byte(PART_PAIRS);
            put_value(keys[i], 1);
        }
    }
    return written;
}

/* New keys stand at the end of the table, whether or not it was made anew meanwhile. */
static void put_new_pairs(Entry *entry, Py_ssize_t old, Py_ssize_t added)
{
    PyDictObject *dict = (PyDictObject *)entry->object;
    Py_ssize_t at = dict_end(dict), left = added;
    Pair pair;
    while (at > 0 && left > 0) {
        if (dict_entry(dict, --at, &pair)) {
            scratch_items[--left] = (Item){pair.key, pair.value, 0};
        }
    }
    put_splice(entry, PART_PAIRS, (size_t)old, 0, scratch_items + left, (size_t)(added - left));
}

static void check_large_dict(Entry *entry, const Where *where)
{
    PyDictObject *dict = (PyDictObject *)entry->object;
    uint64_t version = dict_version(dict);
    if (version != 0 && version == entry->version) {
        return;
    }
    const LineInfo *line = where->line;
    Py_ssize_t used = dict->ma_used, old = entry->length, added = used - old, deleted = 0;
    bool stored = line != NULL && (line->flags & (LINE_SETS_ITEM | LINE_CALLS));
    bool changed = version != 0 || used != old || dict_end(dict) != entry->entries_end;
    if (!changed && !stored) {
        return;
    }
    if (PyODict_Check(entry->object) || dict->ma_values != NULL || added > CHECK_ITEMS) {
        if (changed) {
            put_unseen_change(entry);
        }
        return;
    }
    if (added > 0) {
        put_new_pairs(entry, old, added);
    }
    Py_ssize_t written = stored ? put_candidate_pairs(entry, where, used < old, &deleted) : 0;
    note_written(entry, (size_t)(written + deleted + (added > 0 ? added : 0)));
    bool explained = added > 0 || written > 0 || (deleted > 0 && deleted == old - used);
    entry->length = used;
    remember_dict(entry);
    if (changed && !explained) {
        put_unseen_change(entry);
    }
    else if (large_snapshot_due(entry, used)) {
        put_contents(entry, OB_SNAPSHOT);
    }
    else if (used > R.max_items) { /* the reader can't tell new keys from those that were cut */
        put_resize(entry, used);
    }
}

static void check_large(Entry *entry, const Where *where)
{
    uint8_t shape = entry->info->shape;
    Py_ssize_t length = container_length(entry->object, shape);
    if (entry->length < 0 || length <= CHECK_ITEMS || entry->length <= CHECK_ITEMS) {
        if (has_items(shape)) {
            put_contents(entry, OB_SNAPSHOT);
        }
    }
    else if (shape == SHAPE_LIST) {
        check_large_list(entry, where);
    }
    else if (shape == SHAPE_DICT) {
        check_large_dict(entry, where);
    }
    else if (length != entry->length) {
        put_unseen_change(entry);
    }
}

/* ---- comparing ---- */

/* Nearly always nothing has changed: that is found out without gathering anything. */
static bool attributes_same(Entry *entry)
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
        PyObject *value = *(PyObject **)((char *)object + info->members[i].offset);
        if (DIFFERS(info->members[i].name, value)) {
            return false;
        }
    }
    Attributes where = instance_attributes(object, info->type);
    if (where.values != NULL && where.keys != NULL) {
        PyDictUnicodeEntry *names = DK_UNICODE_ENTRIES(where.keys);
        for (int i = 0; i < where.count; i++) {
            int place = inserted_at(&where, i);
            if (DIFFERS(names[place].me_key, where.values[place])) {
                return false;
            }
        }
    }
    else if (where.dict != NULL) {
        PyDictObject *dict = (PyDictObject *)where.dict;
        uint64_t version = attributes_version(object, info);
        if (version != 0 && version == entry->version) {
            return true;
        }
        if (!PyDict_Check(where.dict)) {
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
    if (shape == SHAPE_ARRAY) {
        if (entry->count == 1 && array_hash(object) != entry->hashes[0]) {
            put_contents(entry, OB_SNAPSHOT);
            budget_spent |= Py_REFCNT(object) > 1; /* a view may share its memory */
        }
        return;
    }
    bool items = has_items(shape);
    if (!items && entry->count == entry->attributes && attributes_same(entry)) {
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
    if (snapshot_due(entry) || (!items && !same) || length > R.max_items) {
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
