/* columns(): what variables, attributes, items and lengths were at the events of a chunk that satisfy conditions. */
#include "conditions.h"
#include "followed.h"
#include "scalar_tests.h"

enum { MOST_COLUMNS = 64, MOST_STEPS = 8 };

typedef struct {
    uint64_t slot;
    uint32_t steps[MOST_STEPS]; /* from what the variable holds on: places among the names that are followed */
    uint32_t count;             /* 0: the variable itself */
    bool may_be_any;            /* what is no scalar is a value, too: `...` */
} Column;

typedef struct {
    Column columns[MOST_COLUMNS];
    Py_ssize_t count;
    bool scalars; /* rows are wanted; else all events go to `others` */
    bool raising; /* events at which the test raises are wanted, too: among the others */
    Followed followed;
    Tests tests;
    PyObject *events, *rows, *others, *partial; /* owned lists */
} Columns;

typedef struct {
    Columns *columns;
    const Replay *replay;
} Here;

/* ---- what is in a column ---- */

/* One of these: where its value stands in the chunk; what was known of it at the chunk's beginning (borrowed); how much it
 * holds; that there is no such item. None of them: it isn't told, or not in this chunk: then `object` and `name` say of
 * what. */
typedef struct {
    const uint8_t *value;
    PyObject *known;
    uint64_t length; /* 1 + that */
    bool missing;
    uint64_t object; /* 0: it isn't told */
    uint32_t name;
    bool on_the_way; /* knowing that would not be all */
} Found;

static uint64_t number_behind(const Replay *replay, const uint8_t *value)
{
    Cursor number = replay->cursor;
    number.at = value + 1;
    return read_number(&number);
}

/* The item of a tuple, which is a value as a whole. */
static Found item_of_tuple(const Followed *followed, const Replay *replay, const uint8_t *tuple, uint32_t name)
{
    Cursor at = replay->cursor;
    at.at = tuple + 1;
    uint64_t length = read_number(&at), count = read_number(&at);
    if (followed->names[name] == LENGTH)
        return (Found){.length = length + 1};
    if (!followed->is_index[name] || count != length)
        return (Found){0};
    int64_t index = followed->indices[name];
    if (index < 0)
        index += (int64_t)(length & INT64_MAX);
    if (index < 0 || (uint64_t)index >= length)
        return (Found){.missing = true};
    for (; index > 0 && at.error == NULL; index--)
        skip_value(&at);
    return at.error == NULL ? (Found){.value = at.at} : (Found){0};
}

static Found take_step(Followed *followed, const Replay *replay, uint64_t object, uint32_t name)
{
    uint64_t told = followed_value(followed, replay, object, name);
    if (told == NOT_TOLD)
        return (Found){0};
    if (told == MISSING)
        return (Found){.missing = true};
    if (told == 0 || is_shifted(told))
        return (Found){.object = object, .name = name, .on_the_way = told != 0};
    if (is_known_before(told))
        return (Found){.known = followed_known(followed, told)};
    if (followed->names[name] == LENGTH)
        return (Found){.length = told};
    return (Found){.value = replay->cursor.start + told - 1};
}

/* May set an exception. */
static Found find(Columns *columns, const Replay *replay, const Column *column)
{
    const ReplayFrame *frame = replay_frame(replay);
    if (column->slot >= frame->slot_count || frame->slots[column->slot] == 0)
        return (Found){0};
    Found found = {.value = replay->cursor.start + frame->slots[column->slot] - 1};
    for (uint32_t step = 0; step < column->count; step++) {
        uint32_t name = column->steps[step];
        if (found.value != NULL && *found.value == V_TUPLE)
            found = item_of_tuple(&columns->followed, replay, found.value, name);
        else if (found.value != NULL && *found.value == V_OBJECT)
            found = take_step(&columns->followed, replay, number_behind(replay, found.value), name);
        else if (found.known != NULL && PyTuple_CheckExact(found.known) && PyTuple_GET_SIZE(found.known) == 1)
            found = take_step(&columns->followed, replay, PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(found.known, 0)), name);
        else if (found.missing)
            return found;
        else
            return (Found){0};
        found.on_the_way = found.on_the_way || step + 1 < column->count;
        if (found.object != 0 || PyErr_Occurred())
            return found;
    }
    return found;
}

/* ---- tests ---- */

static Scalar scalar_in_column(void *context, uint16_t index)
{
    const Here *here = context;
    Found found = find(here->columns, here->replay, &here->columns->columns[index]);
    if (found.missing)
        return (Scalar){S_RAISES};
    if (found.length != 0)
        return (Scalar){S_INT, .number = (int64_t)(found.length - 1)};
    if (found.value != NULL)
        return scalar_in(here->replay, found.value);
    if (found.known != NULL)
        return PyTuple_CheckExact(found.known) ? (Scalar){S_ANY} : scalar_from(found.known);
    return (Scalar){S_UNTOLD};
}

/* ---- rows ---- */

/* What is in a column; NULL without an exception where it is something else, or isn't told. Where it is what it was at
 * the chunk's beginning, and that isn't known: (object, name), with a third entry where it is only on the way to it; and
 * the row is a partial one. */
static PyObject *value_of(Columns *columns, const Replay *replay, const Column *column, bool *partial)
{
    Found found = find(columns, replay, column);
    if (PyErr_Occurred())
        return NULL;
    if (found.missing)
        return Py_NewRef(columns->followed.missing);
    if (found.length != 0)
        return PyLong_FromUnsignedLongLong(found.length - 1);
    if (found.value != NULL)
        return scalar_or_any(replay, found.value, column->may_be_any);
    if (found.known != NULL) {
        bool any = found.known == Py_Ellipsis || PyTuple_CheckExact(found.known);
        return any && !column->may_be_any ? NULL : Py_NewRef(any ? Py_Ellipsis : found.known);
    }
    if (found.object == 0)
        return NULL;
    *partial = true;
    unsigned long long object = found.object, name = columns->followed.names[found.name];
    return found.on_the_way ? Py_BuildValue("KKi", object, name, 0) : Py_BuildValue("KK", object, name);
}

/* The row of scalars of an event; NULL without an exception where there is something else. */
static PyObject *scalar_row(Columns *columns, const Replay *replay, bool *partial)
{
    PyObject *row = PyTuple_New(columns->count);
    for (Py_ssize_t index = 0; row != NULL && index < columns->count; index++) {
        PyObject *value = value_of(columns, replay, &columns->columns[index], partial);
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

static bool add_to_columns(Columns *columns, const Replay *replay)
{
    Here here = {columns, replay};
    TestResult result = result_of_tests(&columns->tests, scalar_in_column, &here);
    if (result == T_FALSE || (result == T_RAISES && !columns->raising) || PyErr_Occurred())
        return !PyErr_Occurred();
    bool partial = false;
    PyObject *row = columns->scalars && result != T_RAISES ? scalar_row(columns, replay, &partial) : NULL;
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
        if (is_object_record(record.tag)) {
            if (!followed_step(&columns->followed, replay, &record))
                return false;
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

static bool add_step(Columns *columns, Column *column, PyObject *step)
{
    uint64_t name = PyLong_AsUnsignedLongLong(step);
    if (PyErr_Occurred())
        return false;
    uint32_t place = name != 0 ? followed_name(&columns->followed, name) : MOST_NAMES;
    if (place == MOST_NAMES || column->count == MOST_STEPS) {
        PyErr_SetString(PyExc_ValueError, name != 0 ? "too many steps" : "a step has a name");
        return false;
    }
    if (column->count != 0)
        columns->followed.is_way[column->steps[column->count - 1]] = true;
    column->steps[column->count++] = place;
    return true;
}

/* A slot, or (slot, (name, ...), whether it may be anything). */
static bool read_column(Columns *columns, Column *column, PyObject *wanted)
{
    *column = (Column){0};
    if (!PyTuple_Check(wanted)) {
        column->slot = PyLong_AsUnsignedLongLong(wanted);
        return !PyErr_Occurred();
    }
    unsigned long long slot;
    PyObject *names;
    int may_be_any;
    if (!PyArg_ParseTuple(wanted, "KO!p;a column is a slot, or (slot, names, whether it may be anything)", &slot, &PyTuple_Type,
                          &names, &may_be_any))
        return false;
    column->slot = slot;
    column->may_be_any = may_be_any != 0;
    for (Py_ssize_t index = 0; index < PyTuple_GET_SIZE(names); index++)
        if (!add_step(columns, column, PyTuple_GET_ITEM(names, index)))
            return false;
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
        else if (collect_columns(&replay, &conditions, start, stop, columns)) {
            PyObject *ends = followed_ends(&columns->followed, &replay);
            if (ends != NULL)
                result = Py_BuildValue("OOOON", columns->events, columns->rows, columns->others, columns->partial, ends);
        }
        replay_end(&replay);
    }
    free_conditions(&conditions);
    return result;
}

static PyObject *columns_of(PyObject *const *arguments, Columns *columns)
{
    unsigned long long start = PyLong_AsUnsignedLongLong(arguments[2]);
    unsigned long long stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[3]);
    columns->scalars = !PyErr_Occurred() && PyObject_IsTrue(arguments[5]) == 1;
    columns->raising = !PyErr_Occurred() && PyObject_IsTrue(arguments[8]) == 1;
    Py_buffer chunk;
    if (PyErr_Occurred() || !read_columns(columns, arguments[4]) || !followed_containers(&columns->followed, arguments[6])
        || !read_tests(&columns->tests, arguments[7], columns->count)
        || PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    columns->events = PyList_New(0);
    columns->rows = PyList_New(0);
    columns->others = PyList_New(0);
    columns->partial = PyList_New(0);
    PyObject *result = NULL;
    if (columns->events != NULL && columns->rows != NULL && columns->others != NULL && columns->partial != NULL)
        result = find_columns(&chunk, arguments[1], start, stop, columns);
    Py_XDECREF(columns->events);
    Py_XDECREF(columns->rows);
    Py_XDECREF(columns->others);
    Py_XDECREF(columns->partial);
    PyBuffer_Release(&chunk);
    return result;
}

PyObject *reader_columns(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 9 || !PyTuple_Check(arguments[6])) {
        PyErr_SetString(PyExc_TypeError, "columns(chunk, conditions, start, stop, slots, scalars, containers, test, raising)");
        return NULL;
    }
    Columns *columns = PyMem_Calloc(1, sizeof *columns);
    if (columns == NULL)
        return PyErr_NoMemory();
    PyObject *result = columns_of(arguments, columns);
    followed_free(&columns->followed);
    PyMem_Free(columns);
    return result;
}
