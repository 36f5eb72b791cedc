/* Who wrote what: variable_writes(), object_writes() and last_in_call(). */
#include "../reader.h"
#include "places.h"

#include <stdlib.h>

/* One record that was wanted, and who did it. */
typedef struct {
    Record record;
    const uint8_t *stop; /* behind the record */
    uint64_t event, call;
    uint64_t by; /* 1 + the event of the line that did it, 0: before this chunk or not recorded */
    uint64_t by_call, by_code;
    int64_t by_line;
    uint32_t before; /* 1 + offset of the variable's old value, 0: none */
} Written;

/* The first ones, or the last ones in a ring. */
typedef struct {
    Written *kept; /* owned */
    size_t count, capacity, next, most;
    size_t pending; /* how many of the latest wait for their event */
    bool newest;
} Writes;

static bool keep(Writes *writes, const Replay *replay, const Record *record)
{
    if (writes->count == writes->capacity && writes->capacity < writes->most) {
        size_t capacity = writes->capacity != 0 ? writes->capacity * 2 : 64;
        capacity = capacity < writes->most ? capacity : writes->most;
        Written *grown = realloc(writes->kept, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        writes->kept = grown;
        writes->next = writes->count;
        writes->capacity = capacity;
    }
    writes->kept[writes->next] = (Written){.record = *record, .stop = replay->cursor.at, .event = replay->event};
    if (record->tag == ST_VAR) {
        writes->kept[writes->next].call = replay_frame(replay)->call;
        writes->kept[writes->next].before = replay->value_before;
    }
    writes->next = (writes->next + 1) % writes->most;
    writes->count += writes->count < writes->most;
    writes->pending += writes->pending < writes->most;
    return true;
}

static void settle(Writes *writes, const Replay *replay, const Record *event)
{
    Doer doer = doer_of(replay, event);
    for (; writes->pending > 0; writes->pending--) {
        Written *written = &writes->kept[(writes->next + writes->most - writes->pending) % writes->most];
        if (doer.frame == NULL)
            continue;
        written->by = doer.event;
        written->by_call = doer.frame->call;
        written->by_code = doer.frame->code;
        written->by_line = doer.line;
    }
}

static bool is_full(const Writes *writes)
{
    return !writes->newest && writes->count == writes->most;
}

/* The i-th of those that were kept, in order. */
static const Written *kept_at(const Writes *writes, size_t index)
{
    return &writes->kept[writes->count < writes->most ? index : (writes->next + index) % writes->most];
}

static PyObject *old_value(const Replay *replay, const Written *written)
{
    if (written->before == 0)
        return Py_BuildValue("(i)", V_UNBOUND);
    return decode_value_at(&replay->cursor, replay->cursor.start + written->before - 1);
}

static PyObject *written_row(const Replay *replay, const Written *written)
{
    Cursor cursor = replay->cursor;
    cursor.at = written->stop;
    cursor.error = NULL;
    if (written->record.tag == ST_VAR) {
        PyObject *old = old_value(replay, written);
        PyObject *new = old != NULL ? decode_value_at(&cursor, written->record.body) : NULL;
        if (new == NULL) {
            Py_XDECREF(old);
            return NULL;
        }
        return Py_BuildValue("KLKKLKNN", (unsigned long long)written->event, (long long)(written->by - 1),
                             (unsigned long long)written->by_call, (unsigned long long)written->by_code,
                             (long long)written->by_line, (unsigned long long)written->call, old, new);
    }
    PyObject *record = decode_object_record(&cursor, &written->record, written->event, NULL);
    if (record == NULL)
        return NULL;
    return Py_BuildValue("KLKKLN", (unsigned long long)written->event, (long long)(written->by - 1),
                         (unsigned long long)written->by_call, (unsigned long long)written->by_code,
                         (long long)written->by_line, record);
}

static PyObject *written_rows(const Replay *replay, const Writes *writes)
{
    PyObject *rows = PyList_New(0);
    /* Those that no event follows are not part of any state yet. */
    for (size_t index = 0; rows != NULL && index + writes->pending < writes->count; index++)
        if (!append_new(rows, written_row(replay, kept_at(writes, index))))
            Py_CLEAR(rows);
    return rows;
}

/* ---- what is wanted ---- */

typedef struct {
    bool variable;
    uint64_t code, slot, call; /* of a variable */
    uint64_t object;
    int part;         /* -1: all of the object */
    PyObject *key;    /* borrowed; NULL: any */
    uint64_t name;    /* id of the key as an attribute's name, 0: it has none */
    int64_t index;    /* of an item, -1: it has none */
    uint64_t first, last;
} Wanted;

/* 1: the value at the cursor equals the key, 0: not, -1: an exception. */
static int is_key(Cursor *cursor, PyObject *key)
{
    PyObject *value = decode_value(cursor);
    if (value == NULL)
        return -1;
    int equal = PyObject_RichCompareBool(value, key, Py_EQ);
    Py_DECREF(value);
    return equal;
}

/* Whether one of the entries of a SPLICE has the key. */
static int splice_has_key(const Replay *replay, const Record *record, const Wanted *wanted)
{
    Cursor body = body_of(&replay->cursor, record);
    for (uint64_t count = record->count; count > 0; count--) {
        if (record->part == PART_ATTRIBUTES) {
            if (read_number(&body) == wanted->name)
                return 1;
        } else {
            int equal = is_key(&body, wanted->key);
            if (equal != 0)
                return equal;
            if (record->part != PART_PAIRS)
                continue;
        }
        skip_value(&body);
    }
    return 0;
}

/* Whether a SPLICE takes the key away, or may do so. */
static int splice_deletes_key(const Replay *replay, Places *places, const Record *record, const Wanted *wanted)
{
    if (record->names == 0)
        return 0;
    const uint32_t *deleted = places_deleted(places, &replay->cursor, record);
    if (deleted == NULL)
        return 1;
    for (uint64_t index = 0; index < record->names; index++) {
        Cursor key = replay->cursor;
        key.at = key.start + deleted[index];
        if (record->part == PART_ATTRIBUTES) {
            if (read_number(&key) == wanted->name)
                return 1;
            continue;
        }
        int equal = is_key(&key, wanted->key);
        if (equal != 0)
            return equal;
    }
    return 0;
}

/* Whether a record may have written what is wanted: 1, 0, or -1 with an exception. */
static int matches(const Replay *replay, Places *places, const Record *record, const Wanted *wanted)
{
    if (replay->event < wanted->first)
        return 0;
    if (wanted->variable) {
        if (record->tag != ST_VAR || replay->restating || record->id != wanted->slot)
            return 0;
        const ReplayFrame *frame = replay_frame(replay);
        return frame->code == wanted->code && (wanted->call == 0 || frame->call == wanted->call);
    }
    if (!is_object_record(record->tag) || record->id != wanted->object || record->tag == OB_DIED)
        return 0;
    if (wanted->part < 0 || record->tag == OB_NEW || record->tag == OB_SNAPSHOT)
        return 1;
    if (record->part != wanted->part)
        return 0;
    if (record->tag == OB_RESIZE)
        return 1;
    if (record->tag == OB_SPLICE) {
        if (wanted->index >= 0) {
            uint64_t size = record->count > record->names ? record->count : record->names;
            uint64_t index = (uint64_t)wanted->index;
            return record->caller <= index && (index - record->caller < size || record->count != record->names);
        }
        if (wanted->key == NULL)
            return 1;
        int deleted = splice_deletes_key(replay, places, record, wanted);
        return deleted != 0 ? deleted : splice_has_key(replay, record, wanted);
    }
    if (wanted->key == NULL)
        return 1;
    Cursor body = body_of(&replay->cursor, record);
    return is_key(&body, wanted->key);
}

/* Collects the matches; false with an exception. */
static bool collect(Writes *writes, Replay *replay, Places *places, const Wanted *wanted)
{
    Record record;
    while (replay_step(replay, &record)) {
        if (replay->event > wanted->last)
            break;
        if (is_event(record.tag)) {
            if (writes->pending != 0) {
                settle(writes, replay, &record);
                if (is_full(writes))
                    break;
            }
            continue;
        }
        if (is_full(writes))
            continue;
        int match = matches(replay, places, &record, wanted);
        if (match < 0)
            return false;
        bool of_it = !wanted->variable && is_object_record(record.tag) && record.id == wanted->object;
        if ((match && !keep(writes, replay, &record)) || (of_it && !places_step(places, &replay->cursor, &record))) {
            PyErr_NoMemory();
            return false;
        }
    }
    raise_replay_error(replay, NULL);
    return !PyErr_Occurred();
}

static PyObject *find_writes(PyObject *bytes, const Wanted *wanted, bool newest, Py_ssize_t most)
{
    if (most <= 0) {
        PyErr_SetString(PyExc_ValueError, "at_most must be positive");
        return NULL;
    }
    Py_buffer chunk;
    if (PyObject_GetBuffer(bytes, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Writes writes = {.most = (size_t)most, .newest = newest};
    Places places = {0};
    PyObject *rows = NULL;
    if (!replay_begin(&replay, chunk.buf, (size_t)chunk.len))
        raise_replay_error(&replay, "the chunk is empty");
    else if (collect(&writes, &replay, &places, wanted))
        rows = written_rows(&replay, &writes);
    places_free(&places);
    free(writes.kept);
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return rows;
}

PyObject *reader_variable_writes(PyObject *module, PyObject *arguments)
{
    PyObject *chunk;
    unsigned long long code, slot, call, first, last;
    int newest;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(arguments, "OKKKKKpn:variable_writes", &chunk, &code, &slot, &call, &first, &last, &newest, &most))
        return NULL;
    Wanted wanted = {.variable = true, .code = code, .slot = slot, .call = call, .first = first, .last = last};
    return find_writes(chunk, &wanted, newest, most);
}

PyObject *reader_object_writes(PyObject *module, PyObject *arguments)
{
    PyObject *chunk, *key;
    unsigned long long object, name, first, last;
    long long index;
    int part, newest;
    Py_ssize_t most;
    if (!PyArg_ParseTuple(arguments, "OKiOKLKKpn:object_writes", &chunk, &object, &part, &key, &name, &index, &first, &last,
                          &newest, &most))
        return NULL;
    Wanted wanted = {.object = object, .part = part, .key = key != Py_None ? PyTuple_GetItem(key, 0) : NULL, .name = name,
                     .index = index, .first = first, .last = last};
    if (PyErr_Occurred())
        return NULL;
    return find_writes(chunk, &wanted, newest, most);
}

/* ---- last_in_call() ---- */

/* The call whose frame stands on top of a call's at the chunk's start: 0 none, -1 it isn't on a stack. */
static long long above_at_start(const Replay *replay, uint64_t call)
{
    for (uint32_t thread = 0; thread < replay->thread_count; thread++) {
        uint64_t above = 0;
        for (uint32_t index = replay->threads[thread].top; index != 0; index = replay->frames[index - 1].below) {
            if (replay->frames[index - 1].call == call)
                return (long long)above;
            above = replay->frames[index - 1].call;
        }
    }
    return -1;
}

PyObject *reader_last_in_call(PyObject *module, PyObject *arguments)
{
    PyObject *bytes;
    unsigned long long call, before;
    if (!PyArg_ParseTuple(arguments, "OKK:last_in_call", &bytes, &call, &before))
        return NULL;
    Py_buffer chunk;
    if (PyObject_GetBuffer(bytes, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Record record;
    long long found = -1, line = 0, above = -1;
    bool begun = replay_begin(&replay, chunk.buf, (size_t)chunk.len);
    if (begun)
        above = above_at_start(&replay, call);
    while (begun && replay_step(&replay, &record)) {
        if (replay.event >= before)
            break;
        if (is_event(record.tag) && replay_frame(&replay)->call == call) {
            found = (long long)replay.event;
            line = (long long)replay_frame(&replay)->line;
        }
    }
    raise_replay_error(&replay, begun ? NULL : "the chunk is empty");
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return PyErr_Occurred() ? NULL : Py_BuildValue("LLL", found, line, above);
}
