/* columns(): what variables, attributes, items and lengths were at the events of a chunk that satisfy conditions. */
#include "conditions.h"
#include "places.h"

enum { MOST_COLUMNS = 64, MOST_TYPES = 16 };
/* In `values`: the records don't tell what it is now; there is no such key. */
#define NOT_TOLD UINT32_MAX
#define MISSING (UINT32_MAX - 1)
/* Names of columns that are no attributes: how much a container holds, and from there on the items of a dict. */
#define LENGTH (UINT64_C(1) << 62)
#define FIRST_ITEM (LENGTH + 1)
/* In `values`, of an object that is a dict: not 0. */
#define IS_DICT UINT64_MAX

typedef struct {
    uint64_t slot;
    uint64_t name;  /* of an attribute of what the variable holds, LENGTH, or an item; 0: the variable itself */
    bool may_be_any; /* what is no scalar is a value, too: `...` */
} Column;

typedef struct {
    uint64_t ids[MOST_TYPES];
    Py_ssize_t count;
} Types;

typedef struct {
    Column columns[MOST_COLUMNS];
    Py_ssize_t count;
    bool attributes, lengths, items; /* there are such columns */
    bool scalars;      /* rows are wanted; else all events go to `others` */
    Types sized;       /* types whose length is that of what they hold */
    Types dicts;       /* types whose items are those of a dict */
    PyObject *keys;    /* borrowed: a dict, the name of the item at each key */
    PyObject *missing; /* borrowed: stands in rows for an item that isn't there */
    PyObject *known;   /* borrowed: a dict, what is known of the chunk's beginning by (object, name) */
    Map values;        /* (object, name): 1 + where the value stands, or NOT_TOLD, or MISSING; 1 + a LENGTH; 0: not in this chunk so far */
    Places places;
    PyObject *events, *rows, *others, *partial; /* owned lists */
} Columns;

static PyObject *scalar_at(const Replay *replay, const uint8_t *value);

static bool is_among(const Types *types, uint64_t type)
{
    for (Py_ssize_t index = 0; index < types->count; index++)
        if (types->ids[index] == type)
            return true;
    return false;
}

/* ---- attributes, lengths and items ---- */

typedef enum { ATTRIBUTES = 1, LENGTHS = 2, ITEMS = 4 } Sorts;

static Sorts sort_of(uint64_t name)
{
    return name == LENGTH ? LENGTHS : name >= FIRST_ITEM ? ITEMS : ATTRIBUTES;
}

static bool is_column(const Columns *columns, uint64_t name)
{
    for (Py_ssize_t index = 0; index < columns->count; index++)
        if (columns->columns[index].name == name)
            return true;
    return false;
}

/* Sets all columns of some sorts of an object; false without memory. */
static bool set_all(Columns *columns, uint64_t object, Sorts sorts, uint64_t value)
{
    for (Py_ssize_t index = 0; index < columns->count; index++) {
        uint64_t name = columns->columns[index].name;
        if (name != 0 && (sort_of(name) & sorts) && !map_put(&columns->values, object, name, value))
            return false;
    }
    return true;
}

/* Sets how much an object holds; what is too much to be kept here isn't told. */
static bool set_length(Columns *columns, uint64_t object, uint64_t length)
{
    return !columns->lengths || map_put(&columns->values, object, LENGTH, length < MISSING - 1 ? length + 1 : NOT_TOLD);
}

/* An object holds more, and less, than before. */
static bool change_length(Columns *columns, uint64_t object, uint64_t more, uint64_t less)
{
    if (!columns->lengths)
        return true;
    uint64_t known = map_get(&columns->values, object, LENGTH);
    if (known == 0 || known == NOT_TOLD || known - 1 + more < less)
        return map_put(&columns->values, object, LENGTH, NOT_TOLD);
    return set_length(columns, object, known - 1 + more - less);
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

/* The name of the item at a key; 0 where it is none that is wanted, or there is no memory; *doubtful where that can't be told. */
static uint64_t item_at(const Columns *columns, const Replay *replay, const uint8_t *key, bool *doubtful)
{
    PyObject *scalar = scalar_at(replay, key);
    PyObject *name = scalar != NULL ? PyDict_GetItemWithError(columns->keys, scalar) : NULL;
    if (scalar == NULL)
        *doubtful = true;
    Py_XDECREF(scalar);
    return name != NULL ? PyLong_AsUnsignedLongLong(name) : 0;
}

/* Takes in `count` pairs at the cursor; false without memory. */
static bool take_pairs(Columns *columns, const Replay *replay, Cursor *body, uint64_t object, uint64_t count, bool *doubtful)
{
    for (; count > 0 && body->error == NULL; count--) {
        const uint8_t *key = body->at;
        skip_value(body);
        if (body->error != NULL)
            return true;
        uint64_t name = item_at(columns, replay, key, doubtful);
        if (PyErr_Occurred() || (name != 0 && !map_put(&columns->values, object, name, (uint64_t)(body->at - body->start) + 1)))
            return false;
        skip_value(body);
    }
    return true;
}

static bool take_content(Columns *columns, const Replay *replay, const Record *record)
{
    uint64_t object = record->id;
    bool is_dict = columns->items && is_among(&columns->dicts, record->code), doubtful = false;
    bool is_sized = columns->lengths && is_among(&columns->sized, record->code);
    if (!set_all(columns, object, ATTRIBUTES | LENGTHS | ITEMS, NOT_TOLD))
        return false;
    if (is_dict && !map_put(&columns->values, object, IS_DICT, 1))
        return false;
    Cursor body = body_of(&replay->cursor, record);
    for (uint64_t parts = record->count; parts > 0 && body.error == NULL; parts--) {
        uint8_t part = read_byte(&body);
        uint64_t length = read_number(&body), held = 0;
        bool items = is_dict && part == PART_PAIRS;
        if (is_sized && (part == PART_PAIRS || part == PART_ITEMS) && !set_length(columns, object, length))
            return false;
        if (items && !set_all(columns, object, ITEMS, MISSING))
            return false;
        for (int end = 0; end < 2; end++) {
            uint64_t count = read_number(&body);
            held += count;
            if (part == PART_ATTRIBUTES || items) {
                if (items ? !take_pairs(columns, replay, &body, object, count, &doubtful)
                          : !take_attributes(columns, &body, object, count))
                    return false;
                continue;
            }
            for (; count > 0 && body.error == NULL; count--)
                skip_entry(&body, part);
        }
        if (items && (held != length || doubtful) && !set_all(columns, object, ITEMS, NOT_TOLD))
            return false;
    }
    return true;
}

/* Takes away what a splice deletes. */
static bool take_deleted(Columns *columns, const Replay *replay, const Record *record)
{
    Sorts sort = record->part == PART_ATTRIBUTES ? ATTRIBUTES : ITEMS;
    const uint32_t *deleted = places_deleted(&columns->places, &replay->cursor, record);
    if (deleted == NULL)
        return set_all(columns, record->id, sort, NOT_TOLD);
    bool doubtful = false;
    for (uint64_t index = 0; index < record->names; index++) {
        Cursor key = replay->cursor;
        key.at = key.start + deleted[index];
        uint64_t name = sort == ITEMS ? item_at(columns, replay, key.at, &doubtful) : read_number(&key);
        if (PyErr_Occurred()
            || (name != 0 && is_column(columns, name)
                && !map_put(&columns->values, record->id, name, sort == ITEMS ? MISSING : NOT_TOLD)))
            return false;
    }
    return true;
}

static bool take_splice(Columns *columns, const Replay *replay, const Record *record)
{
    Cursor body = body_of(&replay->cursor, record);
    if (record->part == PART_ATTRIBUTES)
        return (record->names == 0 || take_deleted(columns, replay, record))
               && take_attributes(columns, &body, record->id, record->count);
    if (!change_length(columns, record->id, record->count, record->names))
        return false;
    if (record->part != PART_PAIRS || !columns->items)
        return true;
    if (map_get(&columns->values, record->id, IS_DICT) == 0)
        return set_all(columns, record->id, ITEMS, NOT_TOLD);
    bool doubtful = false;
    return (record->names == 0 || take_deleted(columns, replay, record))
           && take_pairs(columns, replay, &body, record->id, record->count, &doubtful)
           && (!doubtful || set_all(columns, record->id, ITEMS, NOT_TOLD));
}

/* A key of a dict was set or taken away; how many there are isn't said. */
static bool take_key(Columns *columns, const Replay *replay, const Record *record)
{
    if (columns->lengths && !map_put(&columns->values, record->id, LENGTH, NOT_TOLD))
        return false;
    if (record->part != PART_PAIRS || !columns->items)
        return true;
    bool doubtful = map_get(&columns->values, record->id, IS_DICT) == 0;
    Cursor body = body_of(&replay->cursor, record);
    if (record->tag == OB_SETKEY) {
        if (!doubtful && !take_pairs(columns, replay, &body, record->id, 1, &doubtful))
            return false;
    } else if (!doubtful) {
        uint64_t name = item_at(columns, replay, body.at, &doubtful);
        if (PyErr_Occurred() || (name != 0 && !map_put(&columns->values, record->id, name, MISSING)))
            return false;
    }
    return !doubtful || set_all(columns, record->id, ITEMS, NOT_TOLD);
}

/* Follows what is in columns; false without memory. */
static bool take_record(Columns *columns, const Replay *replay, const Record *record)
{
    bool good = true;
    if (record->tag == OB_DIED)
        return true;
    if (record->tag == OB_NEW || record->tag == OB_SNAPSHOT)
        good = take_content(columns, replay, record);
    else if (record->part != PART_ATTRIBUTES && record->part != PART_PAIRS && record->part != PART_ITEMS)
        return true;
    else if (record->tag == OB_SPLICE)
        good = take_splice(columns, replay, record);
    else if (record->part == PART_ATTRIBUTES)
        good = set_all(columns, record->id, ATTRIBUTES, NOT_TOLD);
    else if (record->tag == OB_RESIZE)
        good = set_all(columns, record->id, ITEMS, NOT_TOLD) && change_length(columns, record->id, 0, 0)
               && (map_get(&columns->values, record->id, LENGTH) == NOT_TOLD || set_length(columns, record->id, record->names));
    else
        good = take_key(columns, replay, record);
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

/* A value for a column: a scalar, or `...` where anything will do; NULL without an exception where it is something else. */
static PyObject *value_for(const Column *column, const Replay *replay, const uint8_t *value)
{
    PyObject *scalar = scalar_at(replay, value);
    if (scalar != NULL || PyErr_Occurred() || !column->may_be_any)
        return scalar;
    switch (*value) {
    case V_OBJECT:
    case V_TUPLE:
    case V_FROZENSET:
    case V_BYTES:
    case V_LABEL:
    case V_NAMED:
    case V_REPR:
        return Py_NewRef(Py_Ellipsis);
    default:
        return NULL;
    }
}

/* What is in a column; NULL without an exception where it is something else, or isn't told. Where it is what it was at
 * the chunk's beginning, and that isn't known: (object, name), and the row is a partial one. */
static PyObject *scalar_of(const Columns *columns, const Replay *replay, const Column *column, bool *partial)
{
    const ReplayFrame *frame = replay_frame(replay);
    if (column->slot >= frame->slot_count || frame->slots[column->slot] == 0)
        return NULL;
    const uint8_t *value = replay->cursor.start + frame->slots[column->slot] - 1;
    if (column->name == 0)
        return value_for(column, replay, value);
    if (*value != V_OBJECT)
        return NULL;
    Cursor id = replay->cursor;
    id.at = value + 1;
    uint64_t object = read_number(&id), told = map_get(&columns->values, object, column->name);
    if (told == NOT_TOLD)
        return NULL;
    if (told != 0 && column->name == LENGTH)
        return PyLong_FromUnsignedLongLong(told - 1);
    if (told == MISSING)
        return Py_NewRef(columns->missing);
    if (told != 0)
        return value_for(column, replay, replay->cursor.start + told - 1);
    PyObject *key = Py_BuildValue("KK", (unsigned long long)object, (unsigned long long)column->name);
    PyObject *known = key != NULL ? PyDict_GetItemWithError(columns->known, key) : NULL;
    if (known == NULL) {
        *partial = true;
        return key;
    }
    Py_DECREF(key);
    if (known == Py_NotImplemented || (known == Py_Ellipsis && !column->may_be_any))
        return NULL;
    return Py_NewRef(known);
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
        if ((columns->attributes || columns->lengths || columns->items) && is_object_record(record.tag)) {
            if (!take_record(columns, replay, &record)) {
                if (!PyErr_Occurred())
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

/* ---- what it was in the end ---- */

/* {(object, name): value}: `...` for what is no scalar, NotImplemented where it isn't told. */
static PyObject *last_values(const Columns *columns, const Replay *replay)
{
    Column any = {.may_be_any = true};
    PyObject *found = PyDict_New();
    for (size_t index = 0; found != NULL && index < columns->values.capacity; index++) {
        const MapEntry *entry = &columns->values.entries[index];
        if (entry->value == 0 || entry->value == MAP_REMOVED || entry->second == IS_DICT)
            continue;
        PyObject *value = NULL;
        if (entry->second == LENGTH && entry->value != NOT_TOLD)
            value = PyLong_FromUnsignedLongLong(entry->value - 1);
        else if (entry->value == MISSING)
            value = Py_NewRef(columns->missing);
        else if (entry->value != NOT_TOLD)
            value = value_for(&any, replay, replay->cursor.start + entry->value - 1);
        if (value == NULL && !PyErr_Occurred())
            value = Py_NewRef(Py_NotImplemented);
        PyObject *key = value != NULL ? Py_BuildValue("KK", (unsigned long long)entry->first, (unsigned long long)entry->second) : NULL;
        if (key == NULL || PyDict_SetItem(found, key, value) < 0)
            Py_CLEAR(found);
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return found;
}

/* ---- arguments ---- */

/* A slot, or (slot, name, whether it may be anything). */
static bool read_column(Columns *columns, Column *column, PyObject *wanted)
{
    *column = (Column){0};
    if (!PyTuple_Check(wanted)) {
        column->slot = PyLong_AsUnsignedLongLong(wanted);
        return !PyErr_Occurred();
    }
    unsigned long long slot, name;
    int may_be_any;
    if (!PyArg_ParseTuple(wanted, "KKp;a column is a slot, or (slot, name, whether it may be anything)", &slot, &name, &may_be_any))
        return false;
    *column = (Column){.slot = slot, .name = name, .may_be_any = may_be_any != 0};
    if (name != 0) {
        Sorts sort = sort_of(name);
        columns->attributes = columns->attributes || sort == ATTRIBUTES;
        columns->lengths = columns->lengths || sort == LENGTHS;
        columns->items = columns->items || sort == ITEMS;
    }
    return true;
}

static bool read_types(Types *types, PyObject *wanted)
{
    types->count = PyTuple_GET_SIZE(wanted);
    if (types->count > MOST_TYPES) {
        types->count = 0;
        PyErr_SetString(PyExc_ValueError, "too many types");
        return false;
    }
    for (Py_ssize_t index = 0; index < types->count && !PyErr_Occurred(); index++)
        types->ids[index] = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(wanted, index));
    return !PyErr_Occurred();
}

/* (types that have a length, types that are dicts, {key: name of the item}, what stands for one that is missing, what is known) */
static bool read_containers(Columns *columns, PyObject *wanted)
{
    PyObject *sized, *dicts;
    return PyArg_ParseTuple(wanted, "O!O!O!OO!;containers are (types, types, keys, missing, known)", &PyTuple_Type, &sized,
                            &PyTuple_Type, &dicts, &PyDict_Type, &columns->keys, &columns->missing, &PyDict_Type, &columns->known)
           && read_types(&columns->sized, sized) && read_types(&columns->dicts, dicts);
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
            PyObject *last = last_values(columns, &replay);
            if (last != NULL)
                result = Py_BuildValue("OOOON", columns->events, columns->rows, columns->others, columns->partial, last);
        }
        replay_end(&replay);
    }
    free_conditions(&conditions);
    return result;
}

PyObject *reader_columns(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 7 || !PyTuple_Check(arguments[6])) {
        PyErr_SetString(PyExc_TypeError, "columns(chunk, conditions, start, stop, slots, scalars, containers)");
        return NULL;
    }
    unsigned long long start = PyLong_AsUnsignedLongLong(arguments[2]);
    unsigned long long stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[3]);
    Columns columns = {.scalars = !PyErr_Occurred() && PyObject_IsTrue(arguments[5]) == 1};
    Py_buffer chunk;
    if (PyErr_Occurred() || !read_columns(&columns, arguments[4]) || !read_containers(&columns, arguments[6])
        || PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
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
