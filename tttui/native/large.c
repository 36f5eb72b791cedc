/* Large containers. What is kept of one (its first entries, of a sequence also the last) has a fingerprint for each
 * entry. A line that says where it changes one costs no more than that; where it doesn't say, all the fingerprints
 * are compared, as far as the events since pay for it. Where they don't, the container says that it isn't known. */
#include "recorder.h"
#include "hashing.h"

/* Fingerprints kept of one container, at most. */
#define MOST_HASHES 16384
/* Writing an entry costs more than comparing its fingerprint. */
#define WRITING_COST 64

static Credit comparing = {MOST_CREDIT, 0};

/* Of a cost in fingerprints. */
static inline bool spend(uint64_t cost) { return spend_from(&comparing, cost); }

static inline Py_ssize_t head_kept(Py_ssize_t length)
{
    Py_ssize_t most = R.max_items < MOST_HASHES ? R.max_items : MOST_HASHES;
    return length < most ? length : most;
}

static inline Py_ssize_t tail_kept(uint8_t shape, Py_ssize_t length)
{
    Py_ssize_t rest = length - head_kept(length);
    return shape != SHAPE_LIST && shape != SHAPE_DEQUE ? 0 : rest < TAIL_KEPT ? rest : TAIL_KEPT;
}

/* Fingerprints of the entries [from, from + count); returns how many there are. */
static size_t hash_stretch(const Entry *entry, Py_ssize_t from, size_t count, uint64_t *out)
{
    size_t done = 0;
    if (LIKELY(entry->info->shape == SHAPE_LIST)) {
        for (Py_ssize_t i = from; done < count && i < Py_SIZE(entry->object); i++) {
            PyObject *value = PyList_GET_ITEM(entry->object, i);
            out[done++] = value != NULL ? value_hash_inline(value, 1) : 0;
        }
        return done;
    }
    while (done < count) {
        size_t want = count - done < CHECK_ITEMS ? count - done : CHECK_ITEMS;
        size_t got = gather_items(entry->object, entry->info->shape, scratch_items, from + (Py_ssize_t)done, want);
        for (size_t i = 0; i < got; i++) {
            out[done++] = item_hash(&scratch_items[i]);
        }
        if (got < want) {
            break;
        }
    }
    return done;
}

static size_t hash_region(const Entry *entry, Py_ssize_t length, uint64_t *out)
{
    Py_ssize_t head = head_kept(length), tail = tail_kept(entry->info->shape, length);
    size_t count = hash_stretch(entry, 0, (size_t)head, out);
    return count + (tail ? hash_stretch(entry, length - tail, (size_t)tail, out + count) : 0);
}

static void remember_region(Entry *entry)
{
    Py_ssize_t length = container_length(entry->object, entry->info->shape);
    size_t count = (size_t)(head_kept(length) + tail_kept(entry->info->shape, length));
    entry->attributes = 0;
    if (keep_hashes(entry, count)) {
        entry->count = (uint32_t)hash_region(entry, length, entry->hashes);
    }
}

/* Whether the container that is looked at had not been written in this chunk before. */
static bool first_in_chunk;

/* Large ones are written whole again when about as much has been written of their changes. */
static bool large_snapshot_due(const Entry *entry, Py_ssize_t length)
{
    Py_ssize_t kept = length < R.max_items ? length : R.max_items;
    return (Py_ssize_t)entry->written >= 2 * kept || entry->epochs >= 4 * SNAPSHOT_EPOCHS ||
           (length <= R.max_items && restate_due(entry, (size_t)length, first_in_chunk)); /* a cut one would know less */
}

/* The container says from here on that it isn't known. */
static void put_doubt(Entry *entry)
{
    bool items = has_items(entry->info->shape), attributes = !items && entry->info->has_attributes;
    Py_ssize_t length = items ? container_length(entry->object, entry->info->shape) : attributes ? entry->attributes : 1;
    if (!(entry->flags & ENTRY_DOUBTED) || length != entry->length) {
        put_byte(OB_RESIZE);
        put_unsigned(entry->id);
        put_byte((uint8_t)(items ? main_part(entry->info->shape) : attributes ? PART_ATTRIBUTES : PART_SCALAR));
        put_unsigned((uint64_t)length);
        note_written(entry, 1);
    }
    entry->flags |= ENTRY_DOUBTED;
    entry->length = length;
    remember_dict(entry);
}

/* It is another one than was written: write it again, as soon as the events since pay for it. */
static void restate(Entry *entry, Py_ssize_t length)
{
    if (spend(WRITING_COST * (uint64_t)head_kept(length))) {
        put_contents(entry, OB_SNAPSHOT);
    }
    else {
        put_doubt(entry);
    }
}

/* Write the entries [position, position + count) in the place of `deleted` ones. */
static void put_stretch(Entry *entry, Py_ssize_t position, size_t deleted, size_t count)
{
    int part = main_part(entry->info->shape);
    note_written(entry, count > deleted ? count : deleted);
    do {
        size_t piece = count < CHECK_ITEMS ? count : CHECK_ITEMS, gone = count > piece && deleted > piece ? piece : deleted;
        size_t got = gather_items(entry->object, entry->info->shape, scratch_items, position, piece);
        put_splice(entry, part, (size_t)position, gone, scratch_items, got);
        position += (Py_ssize_t)piece;
        count -= piece;
        deleted -= gone;
    } while (count > 0);
}

static uint64_t region_hashes[MOST_HASHES + TAIL_KEPT];

/* Compare all that is kept. */
static void compare_region(Entry *entry)
{
    uint8_t shape = entry->info->shape;
    Py_ssize_t length = container_length(entry->object, shape), old = entry->length;
    Py_ssize_t head = head_kept(length), tail = tail_kept(shape, length);
    size_t known = entry->count - entry->attributes;
    if (entry->flags & ENTRY_DOUBTED || R.max_items > MOST_HASHES) {
        restate(entry, length);
        return;
    }
    if (!spend((uint64_t)(head + tail))) {
        put_doubt(entry);
        return;
    }
    size_t count = hash_region(entry, length, region_hashes), prefix = 0, suffix = 0;
    while (prefix < known && prefix < count && entry->hashes[prefix] == region_hashes[prefix]) {
        prefix++;
    }
    if (prefix == count && count == known && length == old) {
        return;
    }
    if (length == old && count == known) {
        size_t room = 2 * CHECK_ITEMS;
        for (size_t i = prefix, start; i < count; i++) {
            if (entry->hashes[i] == region_hashes[i]) {
                continue;
            }
            for (start = i; i < count && entry->hashes[i] != region_hashes[i] && (i == start || i != (size_t)head); i++) {
            }
            if (i - start > room || !has_room()) {
                restate(entry, length);
                return;
            }
            room -= i - start;
            put_stretch(entry, start < (size_t)head ? (Py_ssize_t)start : length - tail + (Py_ssize_t)start - head, i - start, i - start);
            i--;
        }
    }
    else if (head == length && (size_t)old == known && count == (size_t)length) {
        while (suffix < known - prefix && suffix < count - prefix &&
               entry->hashes[known - 1 - suffix] == region_hashes[count - 1 - suffix]) {
            suffix++;
        }
        if (count - prefix - suffix > 2 * CHECK_ITEMS) {
            restate(entry, length);
            return;
        }
        put_stretch(entry, (Py_ssize_t)prefix, known - prefix - suffix, count - prefix - suffix);
    }
    else {
        restate(entry, length);
        return;
    }
    entry->length = length;
    remember_dict(entry);
    uint64_t attributes[MAX_ATTRIBUTES];
    uint32_t attribute_count = entry->attributes;
    memcpy(attributes, entry->hashes + known, attribute_count * sizeof(uint64_t));
    if (keep_hashes(entry, count + attribute_count)) {
        memcpy(entry->hashes, region_hashes, count * sizeof(uint64_t));
        memcpy(entry->hashes + count, attributes, attribute_count * sizeof(uint64_t));
        entry->attributes = attribute_count;
    }
    if (large_snapshot_due(entry, length)) {
        put_contents(entry, OB_SNAPSHOT);
    }
}

/* Entries were added or removed at the end (or, `left`, at the beginning) alone: the fingerprints follow. */
static void follow_end(Entry *entry, Py_ssize_t length, bool left)
{
    Py_ssize_t old = entry->length, grown = length - old, head = head_kept(length), old_head = head_kept(old);
    Py_ssize_t tail = tail_kept(entry->info->shape, length);
    put_stretch(entry, left ? 0 : grown > 0 ? old : length, grown < 0 ? (size_t)-grown : 0, grown > 0 ? (size_t)grown : 0);
    entry->length = length;
    if (entry->attributes > 0 || entry->count != old_head + tail_kept(entry->info->shape, old) ||
        !keep_hashes(entry, (size_t)(head > old_head ? head : old_head) + TAIL_KEPT)) {
        size_t attributes = has_attributes(entry->info) ? gather_attributes(entry->object, entry->info) : 0;
        remember_region(entry);
        remember_attributes(entry, attributes);
        return;
    }
    Py_ssize_t from = old_head < head ? old_head : head; /* the first fingerprint in the head that isn't known */
    if (left && grown > 0) {
        Py_ssize_t kept = old_head < head - grown ? old_head : head - grown;
        if (kept > 0) {
            memmove(entry->hashes + grown, entry->hashes, (size_t)kept * sizeof(uint64_t));
        }
        hash_stretch(entry, 0, (size_t)(grown < head ? grown : head), entry->hashes);
        from = kept > 0 ? kept + grown : head;
    }
    else if (left) {
        Py_ssize_t kept = old_head + grown;
        if (kept > 0) {
            memmove(entry->hashes, entry->hashes - grown, (size_t)kept * sizeof(uint64_t));
        }
        from = kept > 0 ? kept : 0;
    }
    if (from < head) {
        hash_stretch(entry, from, (size_t)(head - from), entry->hashes + from);
    }
    uint64_t *last = entry->hashes + head;
    if (tail == TAIL_KEPT && !left && grown > 0 && grown < tail && old_head == head && old - head >= tail) {
        memmove(last, last + grown, (size_t)(tail - grown) * sizeof(uint64_t));
        hash_stretch(entry, old, (size_t)grown, last + tail - grown);
    }
    else if (tail > 0 && !(left && grown > 0 && old_head == head && old - head >= tail)) {
        hash_stretch(entry, length - tail, (size_t)tail, last);
    }
    entry->count = (uint32_t)(head + tail);
}

/* An entry was set at a place that the line told. */
static void put_at(Entry *entry, Py_ssize_t index, Py_ssize_t length)
{
    Py_ssize_t head = head_kept(length), tail = tail_kept(entry->info->shape, length);
    put_stretch(entry, index, 1, 1);
    Py_ssize_t place = index < head ? index : index >= length - tail ? head + index - (length - tail) : -1;
    if (place >= 0 && (size_t)place < entry->count - entry->attributes) {
        hash_stretch(entry, index, 1, entry->hashes + place);
    }
}

/* Whether the fingerprints at both ends are those of now. */
static bool ends_same(const Entry *entry, Py_ssize_t length)
{
    enum { ENDS = 2 };
    uint64_t now[ENDS];
    size_t known = entry->count - entry->attributes;
    if (known < 2 * ENDS || known != (size_t)(head_kept(length) + tail_kept(entry->info->shape, length))) {
        return false;
    }
    hash_stretch(entry, 0, ENDS, now);
    if (memcmp(now, entry->hashes, sizeof now) != 0) {
        return false;
    }
    Py_ssize_t from = length > head_kept(length) && tail_kept(entry->info->shape, length) < ENDS ? -1 : length - ENDS;
    if (from < 0) {
        return true;
    }
    hash_stretch(entry, from, ENDS, now);
    return memcmp(now, entry->hashes + known - ENDS, sizeof now) == 0;
}

static bool has_most(const Entry *entry)
{
    return entry->info->shape == SHAPE_DEQUE && ((DequeLayout *)entry->object)->most >= 0;
}

static void check_large_sequence(Entry *entry, const Where *where)
{
    const LineInfo *line = where->line;
    Py_ssize_t length = Py_SIZE(entry->object), grown = length - entry->length;
    if (line == NULL) {
        if (grown != 0 || !ends_same(entry, length)) {
            compare_region(entry);
        }
        return;
    }
    bool left = line->flags & LINE_LEFT, right = line->flags & LINE_RIGHT;
    if ((grown != 0 && !left && !right) || ((left || right) && has_most(entry))) {
        compare_region(entry);
        return;
    }
    Key keys[MOST_KEY_PLANS];
    int stored = 0;
    Py_ssize_t places[MOST_KEY_PLANS];
    for (int i = 0; i < line->plan_count; i++) {
        if (!line->plans[i].sets) {
            continue;
        }
        if (!find_key(where->shadow, &line->plans[i], &keys[stored]) || grown != 0) {
            compare_region(entry);
            return;
        }
        if (index_of_key(&keys[stored], length, &places[stored])) {
            stored++;
        }
    }
    if (grown != 0) {
        follow_end(entry, length, left);
    }
    else if ((left || right) && !ends_same(entry, length)) {
        compare_region(entry);
        return;
    }
    for (int i = 0; i < stored; i++) {
        put_at(entry, places[i], length);
    }
    if ((grown != 0 || stored > 0) && large_snapshot_due(entry, length)) {
        put_contents(entry, OB_SNAPSHOT);
    }
}

/* Number of the entry in the dict's order; -1 where finding it would take long. */
static Py_ssize_t order_of_place(PyDictObject *dict, Py_ssize_t place)
{
    if (dict_end(dict) == dict->ma_used) {
        return place;
    }
    if (place > 4 * MOST_HASHES || !spend((uint64_t)place / 4)) {
        return -1;
    }
    Py_ssize_t order = 0;
    Pair pair;
    for (Py_ssize_t i = 0; i < place; i++) {
        order += dict_entry(dict, i, &pair);
    }
    return order;
}

static void check_large_dict(Entry *entry, const Where *where)
{
    PyDictObject *dict = (PyDictObject *)entry->object;
    const LineInfo *line = where->line;
    Py_ssize_t used = dict->ma_used, added = used - entry->length;
    uint64_t version = dict_version(dict);
    bool moved = added != 0 || dict_end(dict) != entry->entries_end || (version != 0 && version != entry->version);
    int stored = 0;
    Py_ssize_t places[MOST_KEY_PLANS];
    for (int i = 0; line != NULL && i < line->plan_count; i++) {
        Key key;
        if (!line->plans[i].sets) {
            continue;
        }
        if (!find_key(where->shadow, &line->plans[i], &key)) {
            compare_region(entry);
            return;
        }
        Py_ssize_t place = place_of_key(dict, &key);
        if (place < 0 && met_other_key) {
            compare_region(entry);
            return;
        }
        if (place >= 0) {
            places[stored++] = place;
        }
    }
    if (!moved && stored == 0 && !PyODict_Check(dict)) {
        return;
    }
    bool adds = stored > 0 || (line != NULL && (line->flags & LINE_ADDS || (line->flags & LINE_SUBSCRIPTS && Py_TYPE(dict) != &PyDict_Type)));
    if (!adds || added < 0 || added > CHECK_ITEMS || PyODict_Check(dict) || dict->ma_values != NULL || entry->attributes > 0) {
        compare_region(entry);
        return;
    }
    for (int i = 0; i < stored; i++) {
        Pair pair;
        Py_ssize_t order = order_of_place(dict, places[i]);
        if (order < 0 || !dict_entry(dict, places[i], &pair)) {
            compare_region(entry);
            return;
        }
        if (order >= entry->length) {
            continue; /* a new one */
        }
        put_setkey(entry, &pair);
        note_written(entry, 1);
        if (order < (Py_ssize_t)entry->count) {
            Item item = {pair.key, pair.value, 0};
            entry->hashes[order] = item_hash(&item);
        }
    }
    if (added > 0) { /* new keys stand at the end of the table, whether or not it was made anew meanwhile */
        Py_ssize_t at = dict_end(dict), left = added;
        Pair pair;
        while (at > 0 && left > 0) {
            if (dict_entry(dict, --at, &pair)) {
                scratch_items[--left] = (Item){pair.key, pair.value, 0};
            }
        }
        put_splice(entry, PART_PAIRS, (size_t)entry->length, 0, scratch_items + left, (size_t)(added - left));
        note_written(entry, (size_t)added);
        size_t known = entry->count, head = (size_t)head_kept(used);
        if (known == (size_t)entry->length && keep_hashes(entry, head)) {
            for (size_t i = known; i < head; i++) {
                entry->hashes[i] = item_hash(&scratch_items[left + (Py_ssize_t)(i - known)]);
            }
        }
    }
    entry->length = used;
    remember_dict(entry);
    if (large_snapshot_due(entry, used)) {
        put_contents(entry, OB_SNAPSHOT);
    }
    else if (used > R.max_items) { /* the reader can't tell new keys from those that were cut */
        put_doubt(entry);
    }
}

static void check_large_attributes(Entry *entry)
{
    size_t count = gather_attributes(entry->object, entry->info), known = entry->attributes;
    bool same = count == known;
    for (size_t i = 0; i < count; i++) {
        scratch_attributes[i].hash = item_hash(&scratch_attributes[i]);
        same = same && scratch_attributes[i].hash == entry->hashes[entry->count - known + i];
    }
    if (!same) {
        put_difference(entry, PART_ATTRIBUTES, entry->hashes + (entry->count - known), known, scratch_attributes, count);
        entry->count -= (uint32_t)known;
        remember_attributes(entry, count);
    }
}

static void check_large(Entry *entry, const Where *where)
{
    uint8_t shape = entry->info->shape;
    Py_ssize_t length = container_length(entry->object, shape);
    entry->flags &= (uint16_t)~ENTRY_ATOMS; /* not all of its items are compared each time */
    if (entry->length < 0 || length <= CHECK_ITEMS || entry->length <= CHECK_ITEMS) {
        put_contents(entry, OB_SNAPSHOT);
        return;
    }
    first_in_chunk = entry->epoch != R.epoch;
    if (has_attributes(entry->info)) {
        check_large_attributes(entry);
    }
    if (shape == SHAPE_DICT && !PyODict_Check(entry->object) && dict_version((PyDictObject *)entry->object) != 0 &&
        dict_version((PyDictObject *)entry->object) == entry->version && !(entry->flags & ENTRY_DOUBTED)) {
        return;
    }
    bool sequence = shape == SHAPE_LIST || shape == SHAPE_DEQUE;
    uint32_t anywhere = entry->info->type == &PyList_Type ? LINE_MIDDLE : LINE_MIDDLE | LINE_KEYS;
    if (where->loose || entry->flags & ENTRY_DOUBTED || (where->line != NULL && where->line->flags & anywhere)) {
        compare_region(entry);
    }
    else if (sequence) {
        check_large_sequence(entry, where);
    }
    else if (shape == SHAPE_DICT) {
        check_large_dict(entry, where);
    }
    else if (length != entry->length) {
        compare_region(entry);
    }
}
