/* objects(): the records of what objects contained, and how it changed. */
#include "../reader.h"

/* One ENTRY of a part. */
static PyObject *decode_entry(Cursor *cursor, uint8_t part)
{
    if (part == PART_ATTRIBUTES) {
        uint64_t name = read_number(cursor);
        PyObject *value = decode_value(cursor);
        return value != NULL ? Py_BuildValue("KN", (unsigned long long)name, value) : NULL;
    }
    if (part == PART_PAIRS) {
        PyObject *key = decode_value(cursor);
        PyObject *value = key != NULL ? decode_value(cursor) : NULL;
        PyObject *pair = value != NULL ? PyTuple_Pack(2, key, value) : NULL;
        Py_XDECREF(key);
        Py_XDECREF(value);
        return pair;
    }
    return decode_value(cursor);
}

bool decode_entries_into(PyObject *entries, Py_ssize_t place, Cursor *cursor, uint8_t part, uint64_t count)
{
    for (uint64_t index = 0; index < count; index++) {
        PyObject *entry = decode_entry(cursor, part);
        if (entry == NULL)
            return false;
        PyTuple_SET_ITEM(entries, place + (Py_ssize_t)index, entry);
    }
    return true;
}

static PyObject *decode_entries(Cursor *cursor, uint8_t part, uint64_t count)
{
    if (count > cursor_left(cursor)) {
        cursor_fail(cursor, "a count runs over the end");
        return raise_stream_error(cursor);
    }
    PyObject *entries = PyTuple_New((Py_ssize_t)count);
    if (entries != NULL && !decode_entries_into(entries, 0, cursor, part, count))
        Py_CLEAR(entries);
    return entries;
}

/* ((part, length, (head ENTRY, ...), (tail ENTRY, ...)), ...) */
static PyObject *decode_content(Cursor *cursor, uint64_t count)
{
    if (count > cursor_left(cursor)) {
        cursor_fail(cursor, "a count runs over the end");
        return raise_stream_error(cursor);
    }
    PyObject *parts = PyTuple_New((Py_ssize_t)count);
    for (uint64_t index = 0; parts != NULL && index < count; index++) {
        uint8_t part = read_byte(cursor);
        uint64_t length = read_number(cursor);
        PyObject *head = decode_entries(cursor, part, read_number(cursor));
        PyObject *tail = head != NULL ? decode_entries(cursor, part, read_number(cursor)) : NULL;
        PyObject *item = NULL;
        if (tail != NULL)
            item = Py_BuildValue("iKOO", (int)part, (unsigned long long)length, head, tail);
        Py_XDECREF(head);
        Py_XDECREF(tail);
        if (item == NULL)
            Py_CLEAR(parts);
        else
            PyTuple_SET_ITEM(parts, (Py_ssize_t)index, item);
    }
    return parts;
}

static PyObject *number(uint64_t value)
{
    return PyLong_FromUnsignedLongLong(value);
}

/* How many fields of a record stand behind (event, tag, object). */
static Py_ssize_t field_count(uint8_t tag)
{
    switch (tag) {
    case OB_SPLICE:
        return 4;
    case OB_SETKEY:
        return 3;
    case OB_DIED:
        return 0;
    default:
        return 2;
    }
}

/* Puts those fields into `row` from `index` on; false with an exception. */
static bool set_fields(PyObject *row, Py_ssize_t index, const Cursor *cursor, const Record *record)
{
    Cursor body = body_of(cursor, record);
    PyObject *fields[4] = {NULL, NULL, NULL, NULL};
    Py_ssize_t count = field_count(record->tag);
    switch (record->tag) {
    case OB_NEW:
    case OB_SNAPSHOT:
        fields[0] = number(record->code);
        fields[1] = fields[0] != NULL ? decode_content(&body, record->count) : NULL;
        break;
    case OB_SPLICE:
        fields[0] = number(record->part);
        fields[1] = number(record->caller);
        fields[2] = number(record->names);
        if (fields[0] != NULL && fields[1] != NULL && fields[2] != NULL)
            fields[3] = decode_entries(&body, record->part, record->count);
        break;
    case OB_SETKEY:
        fields[0] = number(record->part);
        fields[1] = fields[0] != NULL ? decode_value(&body) : NULL;
        fields[2] = fields[1] != NULL ? decode_value(&body) : NULL;
        break;
    case OB_DELKEY:
        fields[0] = number(record->part);
        fields[1] = fields[0] != NULL ? decode_value(&body) : NULL;
        break;
    case OB_RESIZE:
        fields[0] = number(record->part);
        fields[1] = fields[0] != NULL ? number(record->names) : NULL;
        break;
    default: /* OB_DIED */
        break;
    }
    bool good = true;
    for (Py_ssize_t field = 0; field < count; field++) {
        good = good && fields[field] != NULL;
        PyTuple_SET_ITEM(row, index + field, fields[field]);
    }
    return good;
}

PyObject *decode_object_record(const Cursor *cursor, const Record *record, uint64_t event, PyObject *first)
{
    Py_ssize_t index = 0;
    PyObject *row = PyTuple_New((first != NULL) + 3 + field_count(record->tag));
    if (row == NULL)
        return NULL;
    if (first != NULL)
        PyTuple_SET_ITEM(row, index++, Py_NewRef(first));
    PyTuple_SET_ITEM(row, index++, number(event));
    PyTuple_SET_ITEM(row, index++, number(record->tag));
    PyTuple_SET_ITEM(row, index++, number(record->id));
    if (!set_fields(row, index, cursor, record) || PyErr_Occurred())
        Py_CLEAR(row);
    return row;
}

bool read_wanted(PyObject *ids, Map *wanted)
{
    PyObject *sequence = PySequence_Fast(ids, "the wanted objects must be a sequence of int");
    if (sequence == NULL)
        return false;
    bool good = true;
    for (Py_ssize_t index = 0; good && index < PySequence_Fast_GET_SIZE(sequence); index++) {
        unsigned long long id = PyLong_AsUnsignedLongLong(PySequence_Fast_GET_ITEM(sequence, index));
        if (id == (unsigned long long)-1 && PyErr_Occurred())
            good = false;
        else if (!map_put(wanted, id, 0, (uint64_t)index + 1)) {
            PyErr_NoMemory();
            good = false;
        }
    }
    Py_DECREF(sequence);
    return good;
}

static PyObject *collect(const Py_buffer *chunk, const Map *wanted, bool all, uint64_t last)
{
    PyObject *found = PyList_New(0);
    if (found == NULL)
        return NULL;
    Cursor cursor = cursor_over(chunk->buf, (size_t)chunk->len);
    Record record;
    uint64_t event = 0;
    while (event <= last && read_record(&cursor, &record)) {
        if (is_event(record.tag))
            event++;
        else if (record.tag == ST_CHUNK)
            event = record.id;
        else if (is_object_record(record.tag) && (all || map_get(wanted, record.id, 0) != 0)
                 && !append_new(found, decode_object_record(&cursor, &record, event, NULL))) {
            Py_DECREF(found);
            return NULL;
        }
    }
    if (cursor.error != NULL) {
        Py_DECREF(found);
        return raise_stream_error(&cursor);
    }
    return found;
}

PyObject *reader_objects(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "objects(chunk, wanted, event)");
        return NULL;
    }
    unsigned long long last = PyLong_AsUnsignedLongLong(arguments[2]);
    if (last == (unsigned long long)-1 && PyErr_Occurred())
        return NULL;
    Py_buffer chunk;
    if (PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Map wanted = {0};
    PyObject *found = NULL;
    if (arguments[1] == Py_None || read_wanted(arguments[1], &wanted))
        found = collect(&chunk, &wanted, arguments[1] == Py_None, last);
    map_free(&wanted);
    PyBuffer_Release(&chunk);
    return found;
}
