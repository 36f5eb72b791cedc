/* columns(): what variables and attributes were at the events of a chunk that satisfy conditions. */
#include "conditions.h"
#include "places.h"

enum { MOST_COLUMNS = 64 };
/* In `values`: the records don't tell what the attribute is now. */
#define NOT_TOLD UINT32_MAX

typedef struct {
    uint64_t slot;
    uint64_t name; /* of an attribute of what the variable holds; 0: the variable itself */
} Column;

typedef struct {
    Column columns[MOST_COLUMNS];
    Py_ssize_t count;
    bool attributes; /* there are columns of attributes */
    bool scalars;    /* rows are wanted; else all events go to `others` */
    Map values;      /* (object, name): 1 + where the attribute's value stands, or NOT_TOLD; 0: not in this chunk so far */
    Places places;
    PyObject *events, *rows, *others, *partial; /* owned lists */
} Columns;

/* ---- attributes ---- */

static bool is_column(const Columns *columns, uint64_t name)
{
    for (Py_ssize_t index = 0; index < columns->count; index++)
        if (columns->columns[index].name == name)
            return true;
    return false;
}

static bool forget_attributes(Columns *columns, uint64_t object)
{
    for (Py_ssize_t index = 0; index < columns->count; index++) {
        uint64_t name = columns->columns[index].name;
        if (name != 0 && !map_put(&columns->values, object, name, NOT_TOLD))
            return false;
    }
    return true;
}

/* Takes in `count` entries of the attributes at the cursor; false without memory. */
static bool take_attributes(Columns *columns, Cursor *body, uint64_t object, uint64_t count)
{
    for (; count > 0 && body->error == NULL; count--) {
        uint64_t name = read_number(body);
        if (name != 0 && is_column(columns, name)
            && !map_put(&columns->values, object, name, (uint64_t)(body->at - body->start) + 1))
            return false;
        skip_value(body);
    }
    return true;
}

static bool take_content(Columns *columns, const Replay *replay, const Record *record)
{
    if (!forget_attributes(columns, record->id))
        return false;
    Cursor body = body_of(&replay->cursor, record);
    for (uint64_t parts = record->count; parts > 0 && body.error == NULL; parts--) {
        uint8_t part = read_byte(&body);
        read_number(&body);
        for (int end = 0; end < 2; end++) {
            uint64_t count = read_number(&body);
            if (part == PART_ATTRIBUTES) {
                if (!take_attributes(columns, &body, record->id, count))
                    return false;
                continue;
            }
            for (; count > 0 && body.error == NULL; count--)
                skip_entry(&body, part);
        }
    }
    return true;
}

static bool take_splice(Columns *columns, const Replay *replay, const Record *record)
{
    if (record->names > 0) {
        const uint32_t *deleted = places_deleted(&columns->places, &replay->cursor, record);
        if (deleted == NULL && !forget_attributes(columns, record->id))
            return false;
        for (uint64_t index = 0; deleted != NULL && index < record->names; index++) {
            Cursor key = replay->cursor;
            key.at = key.start + deleted[index];
            uint64_t name = read_number(&key);
            if (name != 0 && is_column(columns, name) && !map_put(&columns->values, record->id, name, NOT_TOLD))
                return false;
        }
    }
    Cursor body = body_of(&replay->cursor, record);
    return take_attributes(columns, &body, record->id, record->count);
}

/* Follows the attributes that are columns; false without memory. */
static bool take_record(Columns *columns, const Replay *replay, const Record *record)
{
    bool good = true;
    if (record->tag == OB_DIED)
        return true;
    if (record->tag == OB_NEW || record->tag == OB_SNAPSHOT)
        good = take_content(columns, replay, record);
    else if (record->part != PART_ATTRIBUTES)
        return true;
    else if (record->tag == OB_SPLICE)
        good = take_splice(columns, replay, record);
    else
        good = forget_attributes(columns, record->id);
    return good && places_step(&columns->places, &replay->cursor, record);
}

/* ---- rows ---- */

/* A value where it is a plain scalar; NULL without an exception where it is something else. */
static PyObject *scalar_at(const Replay *replay, const uint8_t *value)
{
    uint8_t tag = *value;
    if (tag >= V_SMALL_INT)
        return PyLong_FromLong((long)(tag & 0x7f) - 16);
    switch (tag) {
    case V_NONE:
    case V_TRUE:
    case V_FALSE:
    case V_INT:
    case V_BIGINT:
    case V_FLOAT:
    case V_STR:
        return decode_value_at(&replay->cursor, value);
    default:
        return NULL;
    }
}

/* The scalar of a column; NULL without an exception where it is something else, or isn't told. Where it is what it was at
 * the chunk's beginning: (object, name), and the row is a partial one. */
static PyObject *scalar_of(const Columns *columns, const Replay *replay, const Column *column, bool *partial)
{
    const ReplayFrame *frame = replay_frame(replay);
    if (column->slot >= frame->slot_count || frame->slots[column->slot] == 0)
        return NULL;
    const uint8_t *value = replay->cursor.start + frame->slots[column->slot] - 1;
    if (column->name == 0)
        return scalar_at(replay, value);
    if (*value != V_OBJECT)
        return NULL;
    Cursor id = replay->cursor;
    id.at = value + 1;
    uint64_t object = read_number(&id), told = map_get(&columns->values, object, column->name);
    if (told == NOT_TOLD)
        return NULL;
    if (told != 0)
        return scalar_at(replay, replay->cursor.start + told - 1);
    *partial = true;
    return Py_BuildValue("KK", (unsigned long long)object, (unsigned long long)column->name);
}

/* The row of scalars of an event; NULL without an exception where there is something else. */
static PyObject *scalar_row(const Columns *columns, const Replay *replay, bool *partial)
{
    PyObject *row = PyTuple_New(columns->count);
    for (Py_ssize_t index = 0; row != NULL && index < columns->count; index++) {
        PyObject *value = scalar_of(columns, replay, &columns->columns[index], partial);
        if (value == NULL)
            Py_CLEAR(row);
        else
            PyTuple_SET_ITEM(row, index, value);
    }
    return row;
}

/* ((slot, RAW), ...) of those of the wanted slots that have a value */
static PyObject *known_slots(const Columns *columns, const Replay *replay, const ReplayFrame *frame)
{
    PyObject *pairs = PyList_New(0);
    for (Py_ssize_t index = 0; pairs != NULL && index < columns->count; index++) {
        uint64_t slot = columns->columns[index].slot;
        if (slot >= frame->slot_count || frame->slots[slot] == 0)
            continue;
        PyObject *value = decode_value_at(&replay->cursor, replay->cursor.start + frame->slots[slot] - 1);
        if (value == NULL || !append_new(pairs, Py_BuildValue("KN", (unsigned long long)slot, value)))
            Py_CLEAR(pairs);
    }
    PyObject *result = pairs != NULL ? PyList_AsTuple(pairs) : NULL;
    Py_XDECREF(pairs);
    return result;
}

/* (event, FRAME as state() gives it), with a row: (event, FRAME, row), which takes it over */
static PyObject *event_and_frame(const Columns *columns, const Replay *replay, PyObject *row)
{
    const ReplayFrame *frame = replay_frame(replay);
    PyObject *slots = known_slots(columns, replay, frame);
    if (slots == NULL) {
        Py_XDECREF(row);
        return NULL;
    }
    const char *format = row != NULL ? "K(KKLLKiN)N" : "K(KKLLKiN)";
    return Py_BuildValue(format, (unsigned long long)replay->event, (unsigned long long)frame->call,
                         (unsigned long long)frame->code, (long long)frame->line, lasti_of(frame->caller),
                         (unsigned long long)frame->names, -1, slots, row);
}

static bool add_to_columns(const Columns *columns, const Replay *replay)
{
    bool partial = false;
    PyObject *row = columns->scalars ? scalar_row(columns, replay, &partial) : NULL;
    if (row == NULL)
        return !PyErr_Occurred() && append_new(columns->others, event_and_frame(columns, replay, NULL));
    if (partial)
        return append_new(columns->partial, event_and_frame(columns, replay, row));
    if (append_new(columns->events, PyLong_FromUnsignedLongLong(replay->event)))
        return append_new(columns->rows, row);
    Py_DECREF(row);
    return false;
}

static bool collect_columns(Replay *replay, Conditions *conditions, uint64_t start, uint64_t stop, Columns *columns)
{
    Record record;
    while (replay_step(replay, &record)) {
        if (replay->event >= stop)
            return true;
        if (columns->attributes && is_object_record(record.tag)) {
            if (!take_record(columns, replay, &record)) {
                PyErr_NoMemory();
                return false;
            }
            continue;
        }
        int wanted = is_event(record.tag) ? is_wanted_event(conditions, replay, &record) : 0;
        if (wanted < 0 || (wanted && replay->event >= start && !add_to_columns(columns, replay)))
            return false;
    }
    raise_replay_error(replay, NULL);
    return !PyErr_Occurred();
}

/* ---- arguments ---- */

/* A slot, or (slot, name of an attribute). */
static bool read_column(Columns *columns, Column *column, PyObject *wanted)
{
    *column = (Column){0};
    if (!PyTuple_Check(wanted)) {
        column->slot = PyLong_AsUnsignedLongLong(wanted);
        return !PyErr_Occurred();
    }
    unsigned long long slot, name;
    if (!PyArg_ParseTuple(wanted, "KK;a column is a slot, or a slot and a name", &slot, &name))
        return false;
    *column = (Column){.slot = slot, .name = name};
    columns->attributes = columns->attributes || name != 0;
    return true;
}

static bool read_columns(Columns *columns, PyObject *wanted)
{
    PyObject *sequence = PySequence_Fast(wanted, "slots are a sequence");
    if (sequence == NULL)
        return false;
    columns->count = PySequence_Fast_GET_SIZE(sequence);
    if (columns->count > MOST_COLUMNS) {
        columns->count = 0;
        PyErr_SetString(PyExc_ValueError, "too many slots");
    }
    for (Py_ssize_t index = 0; index < columns->count && !PyErr_Occurred(); index++)
        read_column(columns, &columns->columns[index], PySequence_Fast_GET_ITEM(sequence, index));
    Py_DECREF(sequence);
    return !PyErr_Occurred();
}

static PyObject *find_columns(const Py_buffer *chunk, PyObject *wanted, uint64_t start, uint64_t stop, Columns *columns)
{
    Conditions conditions;
    Replay replay = {0};
    PyObject *result = NULL;
    if (read_conditions(&conditions, wanted)) {
        if (!replay_begin(&replay, chunk->buf, (size_t)chunk->len))
            raise_replay_error(&replay, "the chunk is empty");
        else if (collect_columns(&replay, &conditions, start, stop, columns))
            result = PyTuple_Pack(4, columns->events, columns->rows, columns->others, columns->partial);
        replay_end(&replay);
    }
    free_conditions(&conditions);
    return result;
}

PyObject *reader_columns(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 6) {
        PyErr_SetString(PyExc_TypeError, "columns(chunk, conditions, start, stop, slots, scalars)");
        return NULL;
    }
    unsigned long long start = PyLong_AsUnsignedLongLong(arguments[2]);
    unsigned long long stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[3]);
    Columns columns = {.scalars = !PyErr_Occurred() && PyObject_IsTrue(arguments[5]) == 1};
    Py_buffer chunk;
    if (PyErr_Occurred() || !read_columns(&columns, arguments[4]) || PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    columns.events = PyList_New(0);
    columns.rows = PyList_New(0);
    columns.others = PyList_New(0);
    columns.partial = PyList_New(0);
    PyObject *result = NULL;
    if (columns.events != NULL && columns.rows != NULL && columns.others != NULL && columns.partial != NULL)
        result = find_columns(&chunk, arguments[1], start, stop, &columns);
    Py_XDECREF(columns.events);
    Py_XDECREF(columns.rows);
    Py_XDECREF(columns.others);
    Py_XDECREF(columns.partial);
    map_free(&columns.values);
    places_free(&columns.places);
    PyBuffer_Release(&chunk);
    return result;
}
