/* text(): a long string, from the chunk that defines it. */
#include "../reader.h"

PyObject *reader_text(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "text(chunk, id)");
        return NULL;
    }
    unsigned long long wanted = PyLong_AsUnsignedLongLong(arguments[1]);
    if (wanted == (unsigned long long)-1 && PyErr_Occurred())
        return NULL;
    Py_buffer chunk;
    if (PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    PyObject *result = NULL;
    Replay replay = {0};
    Record record;
    bool found = false;
    if (!replay_begin(&replay, chunk.buf, (size_t)chunk.len))
        raise_replay_error(&replay, "the chunk is empty");
    while (!found && !PyErr_Occurred() && read_record(&replay.cursor, &record)) {
        if (record.tag == DEF_TEXT && record.id == wanted) {
            Cursor body = body_of(&replay.cursor, &record);
            uint8_t kind = read_byte(&body);
            result = Py_BuildValue("iN", (int)kind, decode_bytes(read_span(&body)));
            found = true;
        }
    }
    if (!found && !PyErr_Occurred()) {
        raise_replay_error(&replay, NULL);
        if (!PyErr_Occurred())
            result = Py_NewRef(Py_None);
    }
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return result;
}
