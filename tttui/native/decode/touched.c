/* The filter of written keys, and touches() which asks it.
 *
 * u64 TOUCHED_FORMAT, words of the filter (a power of two, or 0: anything may have been written),
 * the filter (bit b is bit b % 64 of word b / 64), number of shifts, then (object, 1 + position)
 * of each, by object; number of stated values, then hash of object and key << 32 | hash of the value of
 * each, in order. A key is in the filter by HASHES bits of its hash. What snapshots state of a key that
 * nothing else wrote to may be new or old: whoever asks compares it with what was stated before. That there
 * is no such key is stated, too, unless a snapshot was cut. */
#include "touched.h"

#include <stdlib.h>
#include <string.h>

enum { TOUCHED_FORMAT = 2, HASHES = 5 };
/* What a snapshot states of a key that it doesn't have: a number that no hash of a value is. */
#define STATED_NOTHING ((int64_t)UINT32_MAX + 3)
/* Beyond so many keys the filter would say "perhaps" too often for its size. */
enum { MOST_KEYS = 24576, MOST_SHIFTS = 4096, MOST_STATED = 1024, BITS_PER_KEY = 10, MOST_WORDS = 2048 };
/* What a hash is of. */
enum { OF_KEY = 1, OF_NAME = 2, OF_INDEX = 3, OF_ALL = 4, OF_VARIABLE = 5, OF_GONE = 6, OF_STATED = 7, OF_CUT = 8 };
/* Kinds of values in hashes. */
enum { HASH_INT = 1, HASH_FLOAT, HASH_STR, HASH_BYTES, HASH_NONE, HASH_OBJECT, HASH_TEXT, HASH_TUPLE, HASH_OTHER };

static uint64_t mixed(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9ULL;
    return hash ^ hash >> 32;
}

/* Small numbers of different kinds must not fall together. */
static uint64_t started(uint64_t kind, uint64_t number)
{
    return mixed(mixed(0x94d049bb133111ebULL, kind), number);
}

static uint64_t mixed_bytes(uint64_t kind, const uint8_t *bytes, size_t size)
{
    uint64_t hash = started(kind, size);
    for (; size >= 8; bytes += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = mixed(hash, word);
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes, size);
    return mixed(hash, rest);
}

/* Numbers that are equal are one key. */
static uint64_t hash_double(double number)
{
    if (number >= -9e15 && number <= 9e15 && number == (double)(int64_t)number)
        return started(HASH_INT, (uint64_t)(int64_t)number);
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return started(HASH_FLOAT, bits);
}

static uint64_t hash_inner(Cursor *cursor, int depth);

/* Hash of the value at the cursor, which is read; not 0. */
static uint64_t hash_value(Cursor *cursor, int depth)
{
    uint64_t hash = hash_inner(cursor, depth);
    return hash + (hash == 0);
}

static uint64_t hash_inner(Cursor *cursor, int depth)
{
    uint8_t tag = cursor->at < cursor->end ? *cursor->at : 0;
    if (tag >= V_SMALL_INT) {
        cursor->at++;
        return started(HASH_INT, (uint64_t)((int64_t)(tag & 0x7f) - 16));
    }
    const uint8_t *start = cursor->at++;
    Span span;
    uint64_t hash, count;
    double number;
    switch (tag) {
    case V_TRUE:
    case V_FALSE:
        return started(HASH_INT, tag == V_TRUE);
    case V_NONE:
        return started(HASH_NONE, 0);
    case V_INT:
        return started(HASH_INT, (uint64_t)read_signed(cursor));
    case V_FLOAT:
        start = read_bytes(cursor, 8);
        if (start == NULL)
            return 0;
        memcpy(&number, start, sizeof number);
        return hash_double(number);
    case V_STR:
    case V_BYTES:
        span = read_span(cursor);
        return mixed_bytes(tag == V_STR ? HASH_STR : HASH_BYTES, span.bytes, span.size);
    case V_OBJECT:
        return started(HASH_OBJECT, read_number(cursor));
    case V_TEXT:
        return started(HASH_TEXT, read_number(cursor));
    case V_TUPLE:
    case V_NAMED:
        if (depth == 0)
            break;
        if (tag == V_NAMED)
            read_number(cursor);
        read_number(cursor);
        count = read_number(cursor);
        for (hash = started(HASH_TUPLE, count); count > 0 && cursor->error == NULL; count--)
            hash = mixed(hash, hash_inner(cursor, depth - 1));
        return hash;
    default:
        break;
    }
    cursor->at = start;
    skip_value(cursor);
    return started(HASH_OTHER, 0);
}

/* The same of a RAW value; false with an exception. */
static bool hash_raw(PyObject *raw, int depth, uint64_t *hash)
{
    Py_ssize_t size;
    *hash = started(HASH_OTHER, 0);
    if (raw == Py_None)
        *hash = started(HASH_NONE, 0);
    else if (PyLong_Check(raw)) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(raw, &overflow);
        if (overflow == 0)
            *hash = started(HASH_INT, (uint64_t)number);
    } else if (PyFloat_Check(raw))
        *hash = hash_double(PyFloat_AS_DOUBLE(raw));
    else if (PyBytes_Check(raw))
        *hash = mixed_bytes(HASH_BYTES, (const uint8_t *)PyBytes_AS_STRING(raw), (size_t)PyBytes_GET_SIZE(raw));
    else if (PyUnicode_Check(raw)) {
        PyObject *bytes = PyUnicode_AsEncodedString(raw, "utf-8", "surrogatepass");
        if (bytes == NULL)
            return false;
        *hash = mixed_bytes(HASH_STR, (const uint8_t *)PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
        Py_DECREF(bytes);
    } else if (PyTuple_Check(raw) && (size = PyTuple_GET_SIZE(raw)) > 1 && PyLong_Check(PyTuple_GET_ITEM(raw, 0))) {
        long tag = PyLong_AsLong(PyTuple_GET_ITEM(raw, 0));
        PyObject *last = PyTuple_GET_ITEM(raw, size - 1);
        if ((tag == V_OBJECT || tag == V_TEXT) && PyLong_Check(last)) {
            unsigned long long id = PyLong_AsUnsignedLongLong(last);
            *hash = started(tag == V_OBJECT ? HASH_OBJECT : HASH_TEXT, id);
        } else if ((tag == V_TUPLE || tag == V_NAMED) && PyTuple_Check(last) && depth > 0) {
            *hash = started(HASH_TUPLE, (uint64_t)PyTuple_GET_SIZE(last));
            for (Py_ssize_t index = 0; index < PyTuple_GET_SIZE(last); index++) {
                uint64_t inner;
                if (!hash_raw(PyTuple_GET_ITEM(last, index), depth - 1, &inner))
                    return false;
                *hash = mixed(*hash, inner);
            }
        }
    }
    return !PyErr_Occurred();
}

enum { DEEPEST_KEY = 4 };

static uint64_t hash_of(unsigned what, uint64_t owner, uint64_t key)
{
    uint64_t hash = mixed(started(what, owner), key);
    return hash != 0 ? hash : 1;
}

/* ---- making one ---- */

static bool touch(Touched *touched, uint64_t hash)
{
    return touched->keys.used > MOST_KEYS || map_put(&touched->keys, hash, 0, 1);
}

static bool touch_shift(Touched *touched, uint64_t object, uint64_t position)
{
    uint64_t known = map_get(&touched->shifts, object, 0);
    if (known != 0 && known <= position + 1)
        return true;
    return touched->shifts.used > MOST_SHIFTS || map_put(&touched->shifts, object, 0, position + 1);
}

/* The keys that a splice takes away; where it isn't known which those are, each may be gone. */
static bool touch_deleted(Touched *touched, const Replay *replay, const Record *record)
{
    const uint32_t *deleted = places_deleted(&touched->places, &replay->cursor, record);
    if (deleted == NULL)
        return touch(touched, hash_of(OF_GONE, record->id, 0));
    for (uint64_t index = 0; index < record->names; index++) {
        Cursor key = replay->cursor;
        key.at = key.start + deleted[index];
        uint64_t hash = record->part == PART_ATTRIBUTES ? hash_of(OF_NAME, record->id, read_number(&key))
                                                        : hash_of(OF_KEY, record->id, hash_value(&key, DEEPEST_KEY));
        if (!touch(touched, hash))
            return false;
    }
    return true;
}

static bool touch_splice(Touched *touched, const Replay *replay, const Record *record)
{
    bool keyed = is_keyed_part(record->part);
    /* An item beyond the place may have moved. */
    if (record->count != record->names && !touch_shift(touched, record->id, record->caller))
        return false;
    if (record->names > 0 && !touch_deleted(touched, replay, record))
        return false;
    Cursor body = body_of(&replay->cursor, record);
    for (uint64_t index = 0; index < record->count; index++) {
        uint64_t hash;
        if (record->part == PART_ATTRIBUTES)
            hash = hash_of(OF_NAME, record->id, read_number(&body));
        else if (keyed)
            hash = hash_of(OF_KEY, record->id, hash_value(&body, DEEPEST_KEY));
        else {
            if (!touch(touched, hash_of(OF_INDEX, record->id, record->caller + index)))
                return false;
            hash = hash_of(OF_KEY, record->id, hash_value(&body, DEEPEST_KEY)); /* of a set */
        }
        if (keyed)
            skip_value(&body);
        if (!touch(touched, hash))
            return false;
    }
    return true;
}

/* The hash by which the key of an entry is found; the entry is read, its value between start and stop. */
static uint64_t entry_key(Cursor *body, const Record *record, uint8_t part, uint64_t index, const uint8_t **start)
{
    uint64_t hash;
    if (part == PART_ATTRIBUTES)
        hash = hash_of(OF_NAME, record->id, read_number(body));
    else if (part == PART_PAIRS)
        hash = hash_of(OF_KEY, record->id, hash_value(body, DEEPEST_KEY));
    else
        hash = hash_of(OF_INDEX, record->id, index);
    *start = body->at;
    skip_value(body);
    return hash;
}

/* Notes what a snapshot states; false without memory. `keys` is the hash of all keys. */
static bool state_entries(Touched *touched, Cursor *body, const Record *record, bool write, uint64_t *keys)
{
    *keys = 1;
    for (uint64_t parts = record->count; parts > 0 && body->error == NULL; parts--) {
        uint8_t part = read_byte(body);
        uint64_t length = read_number(body), index = 0, seen = 0;
        for (int end = 0; end < 2; end++) {
            uint64_t count = read_number(body);
            index = end == 0 ? 0 : length - count;
            seen += count;
            for (; count > 0 && body->error == NULL; count--, index++) {
                const uint8_t *start;
                uint64_t key = entry_key(body, record, part, index, &start);
                *keys = mixed(*keys, key);
                if (!write)
                    continue;
                uint64_t value = mixed_bytes(part, start, (size_t)(body->at - start)) >> 32;
                uint64_t known = map_get(&touched->stated, key, 0);
                if (known != 0 && known != value + 1 && !touch(touched, key))
                    return false;
                if (!map_put(&touched->stated, key, 0, value + 1))
                    return false;
            }
        }
        *keys = mixed(*keys, length);
        if (write && seen < length && !touch(touched, hash_of(OF_CUT, record->id, 0)))
            return false;
    }
    *keys |= 1;
    return true;
}

/* The keys of two snapshots must be the same ones, and there must be room for all: else anything may have changed. */
static bool touch_snapshot(Touched *touched, const Replay *replay, const Record *record)
{
    uint64_t keys, known = map_get(&touched->whole, record->id, 0);
    Cursor body = body_of(&replay->cursor, record);
    if (touched->stated.used + (size_t)(body.end - body.at) / 2 > MOST_STATED)
        return touch(touched, hash_of(OF_ALL, record->id, 0));
    state_entries(touched, &body, record, false, &keys);
    if (known != 0 && known != keys)
        return touch(touched, hash_of(OF_ALL, record->id, 0));
    body = body_of(&replay->cursor, record);
    return map_put(&touched->whole, record->id, 0, keys) && touch(touched, hash_of(OF_STATED, record->id, 0))
           && state_entries(touched, &body, record, true, &keys);
}

/* A record of an object that is older than the chunk. */
static bool touch_record(Touched *touched, const Replay *replay, const Record *record)
{
    if (record->tag == OB_SPLICE)
        return touch_splice(touched, replay, record);
    if (record->tag == OB_SETKEY || record->tag == OB_DELKEY) {
        Cursor body = body_of(&replay->cursor, record);
        return touch(touched, hash_of(OF_KEY, record->id, hash_value(&body, DEEPEST_KEY)));
    }
    if (record->tag == OB_SNAPSHOT)
        return touch_snapshot(touched, replay, record);
    return touch(touched, hash_of(OF_ALL, record->id, 0));
}

bool touched_step(Touched *touched, const Replay *replay, const Record *record)
{
    if (record->tag == ST_VAR) {
        const ReplayFrame *frame = replay_frame(replay);
        if (replay->restating || frame->call > replay->first_call)
            return true;
        return touch(touched, hash_of(OF_VARIABLE, frame->call, record->id));
    }
    if (!is_object_record(record->tag) || record->id > replay->first_object || record->tag == OB_DIED)
        return true;
    bool noted = touch_record(touched, replay, record);
    return places_step(&touched->places, &replay->cursor, record) && noted;
}

static int compare_words(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void put_stated(Bytes *out, Map *stated, bool wanted)
{
    uint64_t count = wanted ? map_sort(stated) : 0;
    uint64_t *words = malloc((count + 1) * sizeof *words);
    if (words == NULL) {
        out->out_of_memory = true;
        return;
    }
    for (uint64_t index = 0; index < count; index++)
        words[index] = stated->entries[index].first >> 32 << 32 | (stated->entries[index].value - 1);
    qsort(words, count, sizeof *words, compare_words);
    put_bytes(out, &count, sizeof count);
    put_bytes(out, words, count * sizeof *words);
    free(words);
}

void put_touched(Bytes *out, Touched *touched)
{
    size_t keys = map_sort(&touched->keys), shifts = map_sort(&touched->shifts);
    uint64_t words = 1;
    while (words * 64 < keys * BITS_PER_KEY && words < MOST_WORDS)
        words *= 2;
    if (keys > MOST_KEYS || shifts > MOST_SHIFTS)
        words = 0;
    uint64_t head[] = {TOUCHED_FORMAT, words};
    uint64_t *filter = calloc(words + 1, sizeof *filter);
    if (filter == NULL) {
        out->out_of_memory = true;
        return;
    }
    for (size_t index = 0; words != 0 && index < keys; index++) {
        uint64_t hash = touched->keys.entries[index].first;
        for (int bit = 0; bit < HASHES; bit++, hash = mixed(hash, 1)) {
            uint64_t place = hash & (words * 64 - 1);
            filter[place / 64] |= 1ULL << place % 64;
        }
    }
    put_bytes(out, head, sizeof head);
    put_bytes(out, filter, words * sizeof *filter);
    free(filter);
    uint64_t count = words != 0 ? shifts : 0;
    put_bytes(out, &count, sizeof count);
    for (size_t index = 0; index < count; index++) {
        uint64_t shift[] = {touched->shifts.entries[index].first, touched->shifts.entries[index].value};
        put_bytes(out, shift, sizeof shift);
    }
    put_stated(out, &touched->stated, words != 0);
}

void touched_free(Touched *touched)
{
    places_free(&touched->places);
    map_free(&touched->stated);
    map_free(&touched->whole);
    map_free(&touched->keys);
    map_free(&touched->shifts);
}

/* ---- asking it ---- */

static uint64_t word_at(const Py_buffer *filter, uint64_t index)
{
    uint64_t word;
    memcpy(&word, (const uint8_t *)filter->buf + index * 8, 8);
    return word;
}

static bool holds(const Py_buffer *filter, uint64_t words, uint64_t hash)
{
    for (int bit = 0; bit < HASHES; bit++, hash = mixed(hash, 1)) {
        uint64_t place = hash & (words * 64 - 1);
        if (!(word_at(filter, 2 + place / 64) >> place % 64 & 1))
            return false;
    }
    return true;
}

/* The first position from which on entries of a list moved; UINT64_MAX: none did. */
static uint64_t shifted_from(const Py_buffer *filter, uint64_t words, uint64_t object)
{
    uint64_t low = 0, high = word_at(filter, 2 + words), start = 3 + words;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t found = word_at(filter, start + middle * 2);
        if (found == object)
            return word_at(filter, start + middle * 2 + 1) - 1;
        if (found < object)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT64_MAX;
}

/* What a snapshot stated for a key: 2 + hash of the value, STATED_NOTHING: it has no such key. */
static int64_t stated_value(const Py_buffer *filter, uint64_t start, uint64_t hash)
{
    uint64_t low = 0, high = word_at(filter, start), wanted = hash >> 32;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        uint64_t found = word_at(filter, start + 1 + middle);
        if (found >> 32 == wanted)
            return (int64_t)(found & UINT32_MAX) + 2;
        if (found >> 32 < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return STATED_NOTHING;
}

/* What is asked for: the hashes of a key, 0 where there is none. */
typedef struct {
    bool variable;
    bool hidden; /* a snapshot may leave the key out: of namespaces Python's own names are */
    uint64_t owner, slot;
    int64_t index;
    uint64_t key, name;
} Question;

/* 0 no, 1 perhaps, 2 + hash: only stated, with a value of that hash; -1 the bytes are no filter. */
static int64_t look_up(const Py_buffer *filter, const Question *question)
{
    uint64_t size = (uint64_t)filter->len / 8, owner = question->owner;
    if (filter->len % 8 != 0 || size < 4 || word_at(filter, 0) == 0 || word_at(filter, 0) > TOUCHED_FORMAT)
        return -1;
    if (word_at(filter, 0) < TOUCHED_FORMAT)
        return 1; /* it left out keys whose place another took */
    uint64_t words = word_at(filter, 1);
    if (words == 0)
        return 1;
    if (words > MOST_WORDS || (words & (words - 1)) != 0 || size < 4 + words)
        return -1;
    uint64_t shifts = word_at(filter, 2 + words);
    if (shifts > (size - 4 - words) / 2 || size - 4 - words - shifts * 2 != word_at(filter, 3 + words + shifts * 2))
        return -1;
    if (question->variable)
        return holds(filter, words, hash_of(OF_VARIABLE, owner, question->slot));
    if (holds(filter, words, hash_of(OF_ALL, owner, 0)))
        return 1;
    uint64_t hash;
    if (question->index >= 0) {
        hash = hash_of(OF_INDEX, owner, (uint64_t)question->index);
        if (shifted_from(filter, words, owner) <= (uint64_t)question->index)
            return 1;
    } else {
        if (question->key == 0 || holds(filter, words, hash_of(OF_GONE, owner, 0)))
            return 1;
        hash = hash_of(OF_KEY, owner, question->key);
    }
    if (holds(filter, words, hash))
        return 1;
    if (question->name != 0) {
        hash = hash_of(OF_NAME, owner, question->name);
        if (holds(filter, words, hash))
            return 1;
    }
    if (!holds(filter, words, hash_of(OF_STATED, owner, 0)))
        return 0;
    int64_t stated = stated_value(filter, 3 + words + shifts * 2, hash);
    return stated == STATED_NOTHING && (question->hidden || holds(filter, words, hash_of(OF_CUT, owner, 0))) ? 1 : stated;
}

static PyObject *ask(PyObject *bytes, const Question *question)
{
    Py_buffer filter;
    if (PyObject_GetBuffer(bytes, &filter, PyBUF_SIMPLE) < 0)
        return NULL;
    int64_t found = look_up(&filter, question);
    PyBuffer_Release(&filter);
    if (found < 0) {
        PyErr_SetString(StreamError, "this is no filter of written keys");
        return NULL;
    }
    return PyLong_FromLongLong(found);
}

static bool is_dunder_text(PyObject *key)
{
    return PyUnicode_Check(key) && PyUnicode_GET_LENGTH(key) > 2 && PyUnicode_READ_CHAR(key, 0) == '_'
           && PyUnicode_READ_CHAR(key, 1) == '_';
}

PyObject *reader_touches(PyObject *module, PyObject *arguments)
{
    PyObject *bytes, *key;
    unsigned long long object, name;
    long long index;
    if (!PyArg_ParseTuple(arguments, "OKOKL:touches", &bytes, &object, &key, &name, &index))
        return NULL;
    Question question = {.owner = object, .index = index, .name = name};
    if (key != Py_None) {
        if (!PyTuple_Check(key) || PyTuple_GET_SIZE(key) != 1) {
            PyErr_SetString(PyExc_TypeError, "a key stands in a tuple");
            return NULL;
        }
        if (!hash_raw(PyTuple_GET_ITEM(key, 0), DEEPEST_KEY, &question.key))
            return NULL;
        question.key += question.key == 0;
        question.hidden = is_dunder_text(PyTuple_GET_ITEM(key, 0));
    }
    return ask(bytes, &question);
}

PyObject *reader_touches_variable(PyObject *module, PyObject *arguments)
{
    PyObject *bytes;
    unsigned long long call, slot;
    if (!PyArg_ParseTuple(arguments, "OKK:touches_variable", &bytes, &call, &slot))
        return NULL;
    return ask(bytes, &(Question){.variable = true, .owner = call, .slot = slot});
}
