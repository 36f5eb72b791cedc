/* search(): the events of a chunk that satisfy conditions; no object is made of the others. */
#include "conditions.h"

#include <stdlib.h>

typedef struct {
    uint64_t event, thread, task, call, code, depth, time;
    int64_t line;
    const uint8_t *body; /* of the record, within the chunk; NULL: it carries no value */
    int kind;
    bool first;
} Match;

/* The first or the last `most` matches: the last ones go round in a ring. */
typedef struct {
    Match *matches; /* owned */
    size_t count, capacity, most;
    size_t next; /* where the next one goes once there are `most` of them */
    bool last;
} Matches;

static bool is_full(const Matches *matches)
{
    return !matches->last && matches->count == matches->most;
}

static Match *place_for_match(Matches *matches)
{
    if (matches->count == matches->most) {
        Match *oldest = &matches->matches[matches->next];
        matches->next = (matches->next + 1) % matches->most;
        return oldest;
    }
    if (matches->count == matches->capacity) {
        size_t capacity = matches->capacity != 0 ? matches->capacity * 4 : 4;
        Match *grown = realloc(matches->matches, capacity * sizeof(Match));
        if (grown == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        matches->matches = grown;
        matches->capacity = capacity;
    }
    return &matches->matches[matches->count++];
}

static bool keep_match(Matches *matches, const Replay *replay, const Record *record, bool first)
{
    Match *match = place_for_match(matches);
    if (match == NULL)
        return false;
    const ReplayThread *thread = replay_thread(replay);
    const ReplayFrame *frame = replay_frame(replay);
    bool carries = record->tag != EV_LINE && record->tag != EV_CALL && record->tag != EV_RESUME;
    *match = (Match){
        .event = replay->event, .thread = thread->id, .task = thread->task, .call = frame->call,
        .code = frame->code, .depth = thread->depth, .time = replay->time, .line = frame->line,
        .body = carries ? record->body : NULL, .kind = kind_of(record->tag), .first = first,
    };
    return true;
}

/* Goes through the chunk; false with an exception. */
static bool collect(Replay *replay, Conditions *conditions, uint64_t start, uint64_t stop, Matches *matches)
{
    Record record;
    bool by_change = looks_for_changes(conditions), changed = false;
    while (!is_full(matches) && replay_step(replay, &record)) {
        if (replay->event >= stop)
            return true;
        if (!is_event(record.tag)) {
            changed = changed || (by_change && is_wanted_change(conditions, replay, &record));
            continue;
        }
        int wanted = by_change ? changed : is_wanted_event(conditions, replay, &record);
        changed = false;
        if (wanted < 0)
            return false;
        if (wanted && replay->event >= start && !keep_match(matches, replay, &record, conditions->was_first))
            return false;
    }
    raise_replay_error(replay, NULL);
    return !PyErr_Occurred();
}

/* (event, kind, thread, task, call, code, line, depth, time_ns) and what was asked for */
static PyObject *match_row(const Replay *replay, const Match *match, bool values)
{
    PyObject *row = Py_BuildValue("KiKKKKLKK", (unsigned long long)match->event, match->kind,
                                  (unsigned long long)match->thread, (unsigned long long)match->task,
                                  (unsigned long long)match->call, (unsigned long long)match->code,
                                  (long long)match->line, (unsigned long long)match->depth,
                                  (unsigned long long)match->time);
    if (row == NULL || !values)
        return row;
    PyObject *value = match->body != NULL ? decode_value_at(&replay->cursor, match->body) : Py_NewRef(Py_None);
    PyObject *more = value != NULL ? Py_BuildValue("(NO)", value, match->first ? Py_True : Py_False) : NULL;
    PyObject *whole = more != NULL ? PySequence_Concat(row, more) : NULL;
    Py_XDECREF(more);
    Py_DECREF(row);
    return whole;
}

static PyObject *match_rows(const Replay *replay, const Matches *matches, bool values)
{
    PyObject *rows = PyList_New((Py_ssize_t)matches->count);
    for (size_t index = 0; rows != NULL && index < matches->count; index++) {
        size_t place = matches->last && matches->count == matches->most ? (matches->next + index) % matches->most : index;
        PyObject *row = match_row(replay, &matches->matches[place], values);
        if (row == NULL)
            Py_CLEAR(rows);
        else
            PyList_SET_ITEM(rows, (Py_ssize_t)index, row);
    }
    return rows;
}

PyObject *reader_search(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 6) {
        PyErr_SetString(PyExc_TypeError, "search(chunk, conditions, start, stop, limit, values)");
        return NULL;
    }
    unsigned long long start = PyLong_AsUnsignedLongLong(arguments[2]);
    unsigned long long stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[3]);
    long long limit = PyErr_Occurred() ? 0 : PyLong_AsLongLong(arguments[4]);
    int values = PyErr_Occurred() ? 0 : PyObject_IsTrue(arguments[5]);
    Py_buffer chunk;
    if (PyErr_Occurred() || PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Conditions conditions;
    Replay replay = {0};
    Matches matches = {.most = limit < 0 ? (size_t)-(limit + 1) + 1 : (size_t)limit, .last = limit < 0};
    PyObject *rows = NULL;
    if (read_conditions(&conditions, arguments[1])) {
        if (!replay_begin(&replay, chunk.buf, (size_t)chunk.len))
            raise_replay_error(&replay, "the chunk is empty");
        else if (collect(&replay, &conditions, start, stop, &matches))
            rows = match_rows(&replay, &matches, values);
        replay_end(&replay);
    }
    free_conditions(&conditions);
    free(matches.matches);
    PyBuffer_Release(&chunk);
    return rows;
}
