#include "conditions.h"

#include <stdlib.h>
#include <string.h>

static uint64_t zigzag(int64_t number)
{
    return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

static bool without_memory(void)
{
    PyErr_NoMemory();
    return false;
}

/* ---- reading them ---- */

static uint64_t number_at(PyObject *tuple, Py_ssize_t index)
{
    return PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(tuple, index));
}

static int64_t signed_at(PyObject *tuple, Py_ssize_t index)
{
    return PyErr_Occurred() ? 0 : PyLong_AsLongLong(PyTuple_GET_ITEM(tuple, index));
}

static bool read_codes(Map *map, uint64_t *only, PyObject *codes)
{
    PyObject *sequence = PySequence_Fast(codes, "codes are a sequence");
    if (sequence == NULL)
        return false;
    for (Py_ssize_t index = 0; index < PySequence_Fast_GET_SIZE(sequence) && !PyErr_Occurred(); index++) {
        uint64_t code = PyLong_AsUnsignedLongLong(PySequence_Fast_GET_ITEM(sequence, index));
        if (!PyErr_Occurred() && !map_put(map, code, 0, 1))
            PyErr_NoMemory();
        *only = map->used == 1 ? code : 0;
    }
    Py_DECREF(sequence);
    return !PyErr_Occurred();
}

/* Two numbers in a tuple; false with an exception. */
static bool read_pair(PyObject *pair, unsigned long long *first, long long *second)
{
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, "a line or variable is a tuple of two numbers");
        return false;
    }
    return PyArg_ParseTuple(pair, "KL", first, second);
}

static bool read_lines(Map *map, int64_t *only, PyObject *lines)
{
    PyObject *sequence = PySequence_Fast(lines, "lines are a sequence");
    if (sequence == NULL)
        return false;
    for (Py_ssize_t index = 0; index < PySequence_Fast_GET_SIZE(sequence) && !PyErr_Occurred(); index++) {
        unsigned long long code;
        long long line = 0;
        if (read_pair(PySequence_Fast_GET_ITEM(sequence, index), &code, &line) && !map_put(map, code, zigzag(line), 1))
            PyErr_NoMemory();
        *only = map->used == 1 ? line : 0;
    }
    Py_DECREF(sequence);
    return !PyErr_Occurred();
}

bool read_conditions(Conditions *conditions, PyObject *tuple)
{
    *conditions = (Conditions){0};
    if (!PyTuple_Check(tuple) || PyTuple_GET_SIZE(tuple) != 14) {
        PyErr_SetString(PyExc_TypeError, "conditions are a tuple of 14");
        return false;
    }
    PyObject *task = PyTuple_GET_ITEM(tuple, 2), *variable = PyTuple_GET_ITEM(tuple, 8);
    PyObject *stops = PyTuple_GET_ITEM(tuple, 11);
    conditions->kinds = (uint32_t)number_at(tuple, 0);
    conditions->thread = signed_at(tuple, 1);
    conditions->any_task = task == Py_None;
    conditions->task = conditions->any_task ? 0 : signed_at(tuple, 2);
    conditions->call = number_at(tuple, 3);
    conditions->caller = number_at(tuple, 4);
    conditions->depth = number_at(tuple, 5);
    conditions->object = number_at(tuple, 9);
    conditions->first_line = signed_at(tuple, 12);
    conditions->last_line = signed_at(tuple, 13);
    conditions->stops = stops != Py_None ? stops : NULL;
    if (PyErr_Occurred())
        return false;
    conditions->fresh = PyObject_IsTrue(PyTuple_GET_ITEM(tuple, 10)) == 1;
    if (variable != Py_None) {
        unsigned long long code;
        long long slot;
        if (!read_pair(variable, &code, &slot))
            return false;
        conditions->by_variable = true;
        conditions->variable_code = code;
        conditions->slot = (uint64_t)slot;
    }
    return read_codes(&conditions->codes, &conditions->only_code, PyTuple_GET_ITEM(tuple, 6))
           && read_lines(&conditions->lines, &conditions->only_line, PyTuple_GET_ITEM(tuple, 7));
}

void free_conditions(Conditions *conditions)
{
    map_free(&conditions->codes);
    map_free(&conditions->lines);
    free(conditions->unwound);
    for (int index = 0; index < STOP_TABLES; index++)
        Py_CLEAR(conditions->tables[index].bytes);
}

/* ---- stops ---- */

/* The table of a code; NULL with an exception. */
static const StopTable *table_of(Conditions *conditions, uint64_t code)
{
    StopTable *table = &conditions->tables[code % STOP_TABLES];
    if (table->bytes != NULL && table->code == code)
        return table;
    PyObject *key = PyLong_FromUnsignedLongLong(code);
    PyObject *bytes = key != NULL ? PyObject_GetItem(conditions->stops, key) : NULL;
    Py_XDECREF(key);
    if (bytes == NULL)
        return NULL;
    if (!PyBytes_Check(bytes) || PyBytes_GET_SIZE(bytes) % 8 != 4) {
        Py_DECREF(bytes);
        PyErr_SetString(PyExc_TypeError, "stops map a code to bytes: which yields, then ranges of lines");
        return NULL;
    }
    Py_XSETREF(table->bytes, bytes);
    const uint32_t *numbers = (const uint32_t *)(const void *)PyBytes_AS_STRING(bytes);
    table->code = code;
    table->yields = numbers[0];
    table->ranges = numbers + 1;
    table->count = (PyBytes_GET_SIZE(bytes) - 4) / 8;
    return table;
}

/* 1 + index of the range that holds a line, 0: none. */
static Py_ssize_t range_of(const StopTable *table, int64_t line)
{
    Py_ssize_t low = 0, high = table->count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (line > (int64_t)table->ranges[2 * middle + 1])
            low = middle + 1;
        else
            high = middle;
    }
    return low < table->count && line >= (int64_t)table->ranges[2 * low] ? low + 1 : 0;
}

/* The type of an opaque value that an event carries, UINT64_MAX where it carries something else. */
static uint64_t carried_type(const Cursor *cursor, const Record *record)
{
    Cursor value = body_of(cursor, record);
    return read_byte(&value) == V_OPAQUE ? read_number(&value) : UINT64_MAX;
}

/* Whether an event is a stop: 1, 0, or -1 with an exception. Within a statement of several lines only its
 * beginning is one; the same line again is another round of a loop. */
static int is_stop(Conditions *conditions, const Replay *replay, const Record *record)
{
    const ReplayFrame *frame = replay_frame(replay);
    if (record->tag != EV_LINE && record->tag != EV_YIELD)
        return 1;
    const StopTable *table = table_of(conditions, frame->code);
    if (table == NULL)
        return -1;
    if (record->tag == EV_YIELD)
        return table->yields == STOPS_ALL_YIELDS
               || (table->yields != STOPS_NO_YIELDS
                   && carried_type(&replay->cursor, record) == table->yields - STOPS_YIELDS_OF_TYPE);
    Py_ssize_t range;
    return frame->line == frame->line_before || (range = range_of(table, frame->line)) == 0
           || range != range_of(table, frame->line_before);
}

/* ---- raises ---- */

static uint64_t carried_object(const Cursor *cursor, const Record *record)
{
    Cursor value = body_of(cursor, record);
    return read_byte(&value) == V_OBJECT ? read_number(&value) : 0;
}

/* Where the thread of the event stood before it; notes where it stands now. NULL with an exception. */
static bool note_unwind(Conditions *conditions, const Replay *replay, const Record *record, uint64_t *before)
{
    if (conditions->threads < replay->thread_count) {
        uint32_t count = replay->thread_count + 8;
        uint64_t *grown = realloc(conditions->unwound, count * sizeof(uint64_t));
        if (grown == NULL)
            return without_memory();
        memset(grown + conditions->threads, 0, (count - conditions->threads) * sizeof(uint64_t));
        conditions->unwound = grown;
        conditions->threads = count;
    }
    uint64_t *here = &conditions->unwound[replay->current];
    *before = *here;
    *here = record->tag == EV_UNWIND ? 2 + carried_object(&replay->cursor, record) : 1;
    return true;
}

/* Whether an exception sets out here, rather than comes from the frame that was left just before. */
static bool is_fresh(const Replay *replay, const Record *record, uint64_t before)
{
    uint64_t exception = carried_object(&replay->cursor, record);
    return before < 2 || (before > 2 && exception != 0 && before != 2 + exception);
}

/* ---- testing ---- */

bool is_wanted_change(const Conditions *conditions, const Replay *replay, const Record *record)
{
    if (record->tag == ST_VAR) {
        const ReplayFrame *frame = replay_frame(replay);
        return conditions->by_variable && !replay->restating && record->id == conditions->slot
               && (conditions->variable_code == 0 || frame->code == conditions->variable_code)
               && (conditions->call == 0 || frame->call == conditions->call);
    }
    return conditions->object != 0 && is_object_record(record->tag) && record->id == conditions->object;
}

static bool is_wanted_line(const Conditions *conditions, const ReplayFrame *frame)
{
    return (conditions->lines.used == 0 || map_get(&conditions->lines, frame->code, zigzag(frame->line)) != 0)
           && (conditions->first_line == 0 || frame->line >= conditions->first_line)
           && (conditions->last_line == 0 || frame->line <= conditions->last_line);
}

int is_wanted_event(Conditions *conditions, const Replay *replay, const Record *record)
{
    uint64_t before = 1;
    if (conditions->fresh) {
        if (!note_unwind(conditions, replay, record, &before))
            return -1;
        conditions->was_first = before == 0;
    }
    if (!(conditions->kinds >> kind_of(record->tag) & 1))
        return 0;
    const ReplayThread *thread = replay_thread(replay);
    const ReplayFrame *frame = replay_frame(replay);
    /* Nearly all events end here, without a look into the maps. */
    if ((conditions->only_code != 0 && frame->code != conditions->only_code)
        || (conditions->only_line != 0 && record->tag == EV_LINE && frame->line != conditions->only_line))
        return 0;
    if (conditions->call != 0 && frame->call != conditions->call)
        return 0;
    if (conditions->thread != 0
        && (conditions->thread > 0 ? thread->id != (uint64_t)conditions->thread
                                   : thread->id == 0 - (uint64_t)conditions->thread))
        return 0;
    if (!conditions->any_task
        && (conditions->task >= 0 ? thread->task != (uint64_t)conditions->task
                                  : thread->task == 0 || thread->task == 0 - (uint64_t)conditions->task))
        return 0;
    if (conditions->caller != 0
        && (frame->below == 0 || replay->frames[frame->below - 1].call != conditions->caller))
        return 0;
    if (conditions->depth != 0 && thread->depth > conditions->depth)
        return 0;
    if (conditions->codes.used != 0 && map_get(&conditions->codes, frame->code, 0) == 0)
        return 0;
    if (record->tag == EV_LINE && !is_wanted_line(conditions, frame))
        return 0;
    if (conditions->fresh && record->tag == EV_RAISE && !is_fresh(replay, record, before))
        return 0;
    return conditions->stops != NULL ? is_stop(conditions, replay, record) : 1;
}
