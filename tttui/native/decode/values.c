/* Values as Python objects: RAW of reader.pyi. Only exact built-in types come out, and nothing is
 * called that a recording could choose. */
#include "../reader.h"

#include <string.h>

static PyObject *decode_nested(Cursor *cursor, int depth);

PyObject *decode_text(const Cursor *cursor, Span text)
{
    PyObject *result = PyUnicode_DecodeUTF8((const char *)text.bytes, (Py_ssize_t)text.size, "surrogatepass");
    if (result == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        PyErr_Clear();
        PyErr_Format(StreamError, "a text is not UTF-8, at byte %zu", (size_t)(text.bytes - cursor->start));
    }
    return result;
}

PyObject *decode_bytes(Span bytes)
{
    return PyBytes_FromStringAndSize((const char *)bytes.bytes, (Py_ssize_t)bytes.size);
}

static PyObject *decode_span_text(Cursor *cursor)
{
    Span text = read_span(cursor);
    return cursor->error != NULL ? raise_stream_error(cursor) : decode_text(cursor, text);
}

static PyObject *decode_big_integer(Cursor *cursor)
{
    uint8_t negative = read_byte(cursor);
    Span magnitude = read_span(cursor);
    if (cursor->error != NULL)
        return raise_stream_error(cursor);
    PyObject *number = PyObject_CallMethod((PyObject *)&PyLong_Type, "from_bytes", "y#s", (const char *)magnitude.bytes,
                                           (Py_ssize_t)magnitude.size, "little");
    if (number != NULL && negative != 0) {
        PyObject *positive = number;
        number = PyNumber_Negative(positive);
        Py_DECREF(positive);
    }
    return number;
}

/* `count` values as a tuple. */
static PyObject *decode_values(Cursor *cursor, uint64_t count, int depth)
{
    if (count > cursor_left(cursor)) { /* each takes a byte at least */
        cursor_fail(cursor, "a count runs over the end");
        return raise_stream_error(cursor);
    }
    PyObject *values = PyTuple_New((Py_ssize_t)count);
    if (values == NULL)
        return NULL;
    for (uint64_t index = 0; index < count; index++) {
        PyObject *value = decode_nested(cursor, depth);
        if (value == NULL) {
            Py_DECREF(values);
            return NULL;
        }
        PyTuple_SET_ITEM(values, (Py_ssize_t)index, value);
    }
    return values;
}

/* (tag, number) */
static PyObject *with_number(Cursor *cursor, int tag)
{
    uint64_t number = read_number(cursor);
    return cursor->error != NULL ? raise_stream_error(cursor) : Py_BuildValue("iK", tag, (unsigned long long)number) ;
}

/* (tag, [type,] length, (value, ...)) */
static PyObject *decode_sequence(Cursor *cursor, int tag, int depth)
{
    uint64_t type = tag == V_NAMED ? read_number(cursor) : 0;
    uint64_t length = read_number(cursor);
    uint64_t count = read_number(cursor);
    if (cursor->error != NULL)
        return raise_stream_error(cursor);
    PyObject *values = decode_values(cursor, count, depth + 1);
    if (values == NULL)
        return NULL;
    if (tag == V_NAMED)
        return Py_BuildValue("iKKN", tag, (unsigned long long)type, (unsigned long long)length, values);
    return Py_BuildValue("iKN", tag, (unsigned long long)length, values);
}

/* (tag, start, stop, step) */
static PyObject *decode_range(Cursor *cursor, int tag, int depth)
{
    PyObject *start = decode_nested(cursor, depth + 1);
    PyObject *stop = start != NULL ? decode_nested(cursor, depth + 1) : NULL;
    PyObject *step = stop != NULL ? decode_nested(cursor, depth + 1) : NULL;
    PyObject *result = step != NULL ? Py_BuildValue("iOOO", tag, start, stop, step) : NULL;
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    return result;
}

/* (tag, type, text) */
static PyObject *decode_labelled(Cursor *cursor, int tag)
{
    uint64_t type = read_number(cursor);
    PyObject *text = decode_span_text(cursor);
    return text != NULL ? Py_BuildValue("iKN", tag, (unsigned long long)type, text) : NULL;
}

static PyObject *decode_nested(Cursor *cursor, int depth)
{
    if (depth > VALUE_DEPTH) {
        cursor_fail(cursor, "values are nested too deeply");
        return raise_stream_error(cursor);
    }
    uint8_t tag = read_byte(cursor);
    if (cursor->error != NULL)
        return raise_stream_error(cursor);
    if (tag >= V_SMALL_INT)
        return PyLong_FromLong((long)(tag & 0x7f) - 16);
    switch (tag) {
    case V_UNBOUND:
    case V_REDACTED:
        return Py_BuildValue("(i)", (int)tag);
    case V_NONE:
        Py_RETURN_NONE;
    case V_TRUE:
        Py_RETURN_TRUE;
    case V_FALSE:
        Py_RETURN_FALSE;
    case V_ELLIPSIS:
        return Py_NewRef(Py_Ellipsis);
    case V_NOTIMPLEMENTED:
        return Py_NewRef(Py_NotImplemented);
    case V_INT: {
        int64_t number = read_signed(cursor);
        return cursor->error != NULL ? raise_stream_error(cursor) : PyLong_FromLongLong(number);
    }
    case V_BIGINT:
        return decode_big_integer(cursor);
    case V_BIGINT_CUT: {
        int negative = read_byte(cursor) != 0;
        uint64_t bits = read_number(cursor);
        return cursor->error != NULL ? raise_stream_error(cursor)
                                     : Py_BuildValue("iiK", (int)tag, negative, (unsigned long long)bits);
    }
    case V_FLOAT: {
        const uint8_t *bytes = read_bytes(cursor, 8);
        return bytes == NULL ? raise_stream_error(cursor) : PyFloat_FromDouble(read_double(bytes));
    }
    case V_COMPLEX: {
        const uint8_t *bytes = read_bytes(cursor, 16);
        return bytes == NULL ? raise_stream_error(cursor)
                             : PyComplex_FromDoubles(read_double(bytes), read_double(bytes + 8));
    }
    case V_STR:
        return decode_span_text(cursor);
    case V_BYTES: {
        Span bytes = read_span(cursor);
        return cursor->error != NULL ? raise_stream_error(cursor) : decode_bytes(bytes);
    }
    case V_TEXT:
    case V_OBJECT:
    case V_OPAQUE:
    case V_DEEP:
    case V_NULLTEXT:
        return with_number(cursor, tag);
    case V_TEXT_CUT: {
        uint64_t text = read_number(cursor);
        uint64_t length = read_number(cursor);
        return cursor->error != NULL
                   ? raise_stream_error(cursor)
                   : Py_BuildValue("iKK", (int)tag, (unsigned long long)text, (unsigned long long)length);
    }
    case V_TUPLE:
    case V_FROZENSET:
    case V_NAMED:
        return decode_sequence(cursor, tag, depth);
    case V_RANGE:
    case V_SLICE:
        return decode_range(cursor, tag, depth);
    case V_LABEL:
    case V_REPR:
        return decode_labelled(cursor, tag);
    default:
        cursor->at--;
        cursor_fail(cursor, "there is no such kind of value");
        return raise_stream_error(cursor);
    }
}

PyObject *decode_value(Cursor *cursor)
{
    return decode_nested(cursor, 0);
}

PyObject *decode_value_at(const Cursor *cursor, const uint8_t *start)
{
    Cursor value = *cursor;
    value.at = start;
    return decode_nested(&value, 0);
}
