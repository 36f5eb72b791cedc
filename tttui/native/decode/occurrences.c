/* Where values occur in a chunk: distinct() gives each of them once, occurrences() all places of some. */
#include "../reader.h"

#include <string.h>

/* What an occurrence is (numbers of reader.pyi). */
enum { OF_VARIABLE = 0, OF_ENTRY = 1, OF_KEY = 2, OF_EVENT = 3, VARIABLE_NAMED = 4, ATTRIBUTE_NAMED = 5, IN_SNAPSHOT = 8 };

typedef struct {
    Map hashes; /* (hash of an encoded value, 0) */
    Map slots;  /* (code, slot) */
    Map names;  /* (id of an attribute name, 0) */
    uint64_t object;
} Wanted;

typedef struct {
    Replay replay;
    const Wanted *wanted; /* NULL: each value once */
    const char *needle;   /* borrowed: what texts and numbers are to hold */
    size_t needle_size;
    Map seen;
    PyObject *rows;
    /* Rows that wait for their event, which tells the frame: (role, owner, key, RAW) each. */
    PyObject *pending;
    int flag;
} Visit;

static uint64_t hash_bytes(const uint8_t *bytes, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (size_t index = 0; index < size; index++)
        hash = (hash ^ bytes[index]) * 0x100000001b3ULL;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9ULL;
    hash ^= hash >> 32;
    return hash != 0 ? hash : 1;
}

static bool without_memory(void)
{
    PyErr_NoMemory();
    return false;
}

static bool holds_bytes(const uint8_t *bytes, size_t size, const char *needle, size_t needle_size)
{
    const uint8_t *end = bytes + size;
    while ((size_t)(end - bytes) >= needle_size) {
        bytes = memchr(bytes, needle[0], (size_t)(end - bytes) - needle_size + 1);
        if (bytes == NULL)
            return false;
        if (memcmp(bytes, needle, needle_size) == 0)
            return true;
        bytes++;
    }
    return false;
}

/* Whether the text of the value that begins at the cursor may hold the needle: of strings and small integers it is known. */
static bool may_hold(const Visit *visit, Cursor value)
{
    char digits[32];
    uint8_t tag = *value.at++;
    if (visit->needle_size == 0)
        return true;
    if (tag == V_STR) {
        Span text = read_span(&value);
        return holds_bytes(text.bytes, text.size, visit->needle, visit->needle_size);
    }
    if (tag != V_INT && tag < V_SMALL_INT)
        return true;
    long long number = tag == V_INT ? (long long)read_signed(&value) : (long long)(tag & 0x7f) - 16;
    int size = snprintf(digits, sizeof digits, "%lld", number);
    return holds_bytes((const uint8_t *)digits, (size_t)size, visit->needle, visit->needle_size);
}

/* One value that holds no others, between start and the cursor. */
static bool meet(Visit *visit, const uint8_t *start, const Cursor *cursor, int role, uint64_t owner, PyObject *key)
{
    uint8_t tag = *start;
    if (visit->wanted == NULL) {
        if (tag == V_OBJECT || tag == V_UNBOUND || tag == V_REDACTED || tag == V_OPAQUE || tag == V_DEEP)
            return true;
        Cursor whole = *cursor;
        whole.at = start;
        if (!may_hold(visit, whole))
            return true;
        uint64_t hash = hash_bytes(start, (size_t)(cursor->at - start));
        if (map_get(&visit->seen, hash, 0) != 0)
            return true;
        if (!map_put(&visit->seen, hash, 0, 1))
            return without_memory();
        PyObject *value = decode_value_at(cursor, start);
        return value != NULL && append_new(visit->rows, Py_BuildValue("KN", (unsigned long long)hash, value));
    }
    bool found;
    if (tag == V_OBJECT) {
        Cursor id = *cursor;
        id.at = start + 1;
        found = visit->wanted->object != 0 && read_number(&id) == visit->wanted->object;
    } else
        found = visit->wanted->hashes.used != 0
                && map_get(&visit->wanted->hashes, hash_bytes(start, (size_t)(cursor->at - start)), 0) != 0;
    if (!found)
        return true;
    PyObject *value = decode_value_at(cursor, start);
    return value != NULL
           && append_new(visit->pending, Py_BuildValue("iKON", role | visit->flag, (unsigned long long)owner, key, value));
}

/* The value at the cursor and all in it. */
static bool visit_value(Visit *visit, Cursor *cursor, int role, uint64_t owner, PyObject *key, int depth)
{
    if (cursor->at >= cursor->end)
        return true;
    const uint8_t *start = cursor->at;
    uint64_t count = 0;
    if (depth > VALUE_DEPTH)
        return true;
    switch (*start) {
    case V_TUPLE:
    case V_FROZENSET:
    case V_NAMED:
        cursor->at++;
        if (*start == V_NAMED)
            read_number(cursor);
        read_number(cursor);
        count = read_number(cursor);
        break;
    case V_RANGE:
    case V_SLICE:
        cursor->at++;
        count = 3;
        break;
    default:
        skip_value(cursor);
        return cursor->error != NULL || meet(visit, start, cursor, role, owner, key);
    }
    for (; count > 0 && cursor->error == NULL; count--)
        if (!visit_value(visit, cursor, role, owner, key, depth + 1))
            return false;
    return true;
}

static bool visit_simple(Visit *visit, Cursor *cursor, int role, uint64_t owner, uint64_t key)
{
    PyObject *number = PyLong_FromUnsignedLongLong(key);
    bool good = number != NULL && visit_value(visit, cursor, role, owner, number, 0);
    Py_XDECREF(number);
    return good;
}

static bool visit_entry(Visit *visit, Cursor *cursor, const Record *record, uint8_t part, uint64_t index)
{
    if (part == PART_ATTRIBUTES) {
        uint64_t name = read_number(cursor);
        if (visit->wanted != NULL && map_get(&visit->wanted->names, name, 0) != 0) {
            PyObject *value = decode_value_at(cursor, cursor->at);
            if (value == NULL
                || !append_new(visit->pending, Py_BuildValue("iKKN", ATTRIBUTE_NAMED | visit->flag, (unsigned long long)record->id,
                                                             (unsigned long long)name, value)))
                return false;
        }
        /* An attribute's key is told from an index by its tuple. */
        PyObject *key = Py_BuildValue("(K)", (unsigned long long)name);
        bool good = key != NULL && visit_value(visit, cursor, OF_ENTRY, record->id, key, 0);
        Py_XDECREF(key);
        return good;
    }
    if (part != PART_PAIRS)
        return visit_simple(visit, cursor, OF_ENTRY, record->id, index);
    PyObject *key = visit->wanted != NULL ? decode_value_at(cursor, cursor->at) : Py_NewRef(Py_None);
    PyObject *boxed = key != NULL ? PyTuple_Pack(1, key) : NULL;
    Py_XDECREF(key);
    bool good = boxed != NULL && visit_value(visit, cursor, OF_KEY, record->id, boxed, 0)
                && visit_value(visit, cursor, OF_ENTRY, record->id, boxed, 0);
    Py_XDECREF(boxed);
    return good;
}

static bool visit_content(Visit *visit, Cursor *cursor, const Record *record)
{
    for (uint64_t parts = record->count; parts > 0 && cursor->error == NULL; parts--) {
        uint8_t part = read_byte(cursor);
        uint64_t length = read_number(cursor);
        for (int end = 0; end < 2; end++) {
            uint64_t count = read_number(cursor), index = end == 0 ? 0 : length - count;
            for (; count > 0 && cursor->error == NULL; count--, index++)
                if (!visit_entry(visit, cursor, record, part, index))
                    return false;
        }
    }
    return true;
}

static bool visit_record(Visit *visit, const Record *record)
{
    const Replay *replay = &visit->replay;
    Cursor body = body_of(&replay->cursor, record);
    const ReplayFrame *frame;
    visit->flag = 0;
    switch (record->tag) {
    case ST_VAR:
        if (replay->restating)
            return true;
        frame = replay_frame(replay);
        if (visit->wanted != NULL && map_get(&visit->wanted->slots, frame->code, record->id) != 0) {
            PyObject *value = decode_value_at(&body, body.at);
            if (value == NULL
                || !append_new(visit->pending, Py_BuildValue("iKKN", VARIABLE_NAMED, (unsigned long long)frame->call,
                                                             (unsigned long long)record->id, value)))
                return false;
        }
        return visit_simple(visit, &body, OF_VARIABLE, frame->call, record->id);
    case EV_RETURN:
    case EV_YIELD:
    case EV_THROW:
    case EV_RAISE:
        return visit_simple(visit, &body, OF_EVENT, replay_frame(replay)->call, (uint64_t)kind_of(record->tag));
    case OB_SNAPSHOT:
        visit->flag = IN_SNAPSHOT;
        return visit_content(visit, &body, record);
    case OB_NEW:
        return visit_content(visit, &body, record);
    case OB_SPLICE:
        for (uint64_t index = 0; index < record->count; index++)
            if (!visit_entry(visit, &body, record, record->part, record->caller + index))
                return false;
        return true;
    case OB_SETKEY:
        return visit_entry(visit, &body, record, PART_PAIRS, 0);
    default:
        return true;
    }
}

/* Gives the waiting rows their event and its frame. */
static bool settle(Visit *visit)
{
    const ReplayFrame *frame = replay_frame(&visit->replay);
    Py_ssize_t count = PyList_GET_SIZE(visit->pending);
    for (Py_ssize_t index = 0; index < count; index++) {
        PyObject *head = Py_BuildValue("KKKL", (unsigned long long)visit->replay.event, (unsigned long long)frame->call,
                                       (unsigned long long)frame->code, (long long)frame->line);
        PyObject *row = head != NULL ? PySequence_Concat(head, PyList_GET_ITEM(visit->pending, index)) : NULL;
        Py_XDECREF(head);
        if (!append_new(visit->rows, row))
            return false;
    }
    return count == 0 || PyList_SetSlice(visit->pending, 0, count, NULL) == 0;
}

static bool visit_all(Visit *visit, uint64_t start, uint64_t stop)
{
    Record record;
    while (replay_step(&visit->replay, &record)) {
        if (visit->replay.event >= stop)
            break;
        if (visit->replay.event < start)
            continue;
        if (!visit_record(visit, &record) || (is_event(record.tag) && !settle(visit)))
            return false;
    }
    raise_replay_error(&visit->replay, NULL);
    return !PyErr_Occurred();
}

static PyObject *visit_chunk(PyObject *bytes, const Wanted *wanted, const Py_buffer *needle, uint64_t start, uint64_t stop)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(bytes, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Visit visit = {.wanted = wanted, .rows = PyList_New(0), .pending = PyList_New(0)};
    if (needle != NULL) {
        visit.needle = needle->buf;
        visit.needle_size = (size_t)needle->len;
    }
    bool good = visit.rows != NULL && visit.pending != NULL;
    if (good && !(good = replay_begin(&visit.replay, chunk.buf, (size_t)chunk.len)))
        raise_replay_error(&visit.replay, "the chunk is empty");
    good = good && visit_all(&visit, start, stop);
    replay_end(&visit.replay);
    map_free(&visit.seen);
    Py_XDECREF(visit.pending);
    PyBuffer_Release(&chunk);
    if (!good)
        Py_CLEAR(visit.rows);
    return visit.rows;
}

PyObject *reader_distinct(PyObject *module, PyObject *arguments)
{
    PyObject *chunk;
    unsigned long long start, stop;
    Py_buffer needle;
    if (!PyArg_ParseTuple(arguments, "OKKy*:distinct", &chunk, &start, &stop, &needle))
        return NULL;
    PyObject *rows = visit_chunk(chunk, NULL, &needle, start, stop);
    PyBuffer_Release(&needle);
    return rows;
}

/* Fills a map from uint64, or pairs of them; false with an exception. */
static bool read_numbers(Map *map, const Py_buffer *buffer, bool pairs)
{
    Py_ssize_t width = pairs ? 16 : 8;
    for (Py_ssize_t at = 0; at + width <= buffer->len; at += width) {
        uint64_t numbers[2] = {0, 0};
        memcpy(numbers, (const uint8_t *)buffer->buf + at, (size_t)width);
        if (!map_put(map, numbers[0], numbers[1], 1))
            return without_memory();
    }
    return true;
}

PyObject *reader_occurrences(PyObject *module, PyObject *arguments)
{
    PyObject *chunk;
    Py_buffer hashes, slots, names;
    unsigned long long object, start, stop;
    if (!PyArg_ParseTuple(arguments, "Oy*y*y*KKK:occurrences", &chunk, &hashes, &slots, &names, &object, &start, &stop))
        return NULL;
    Wanted wanted = {.object = object};
    PyObject *rows = NULL;
    if (read_numbers(&wanted.hashes, &hashes, false) && read_numbers(&wanted.slots, &slots, true)
        && read_numbers(&wanted.names, &names, false))
        rows = visit_chunk(chunk, &wanted, NULL, start, stop);
    map_free(&wanted.hashes);
    map_free(&wanted.slots);
    map_free(&wanted.names);
    PyBuffer_Release(&hashes);
    PyBuffer_Release(&slots);
    PyBuffer_Release(&names);
    return rows;
}
