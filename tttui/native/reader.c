/* The module tttui.native.reader: decodes recordings, and is the writer's end of the ring. What it
 * offers is described in reader.pyi, the bytes it reads in stream.h and ring.h. */
#include "reader.h"

#include <time.h>

PyObject *StreamError;

PyObject *raise_stream_error(const Cursor *cursor)
{
    return PyErr_Format(StreamError, "%s, at byte %zu", cursor->error, cursor->error_at);
}

PyObject *raise_replay_error(const Replay *replay, const char *at_end)
{
    if (replay->out_of_memory)
        return PyErr_NoMemory();
    if (replay->cursor.error != NULL)
        return raise_stream_error(&replay->cursor);
    if (at_end != NULL)
        PyErr_SetString(StreamError, at_end);
    return NULL;
}

bool append_new(PyObject *list, PyObject *value)
{
    bool good = value != NULL && PyList_Append(list, value) == 0;
    Py_XDECREF(value);
    return good;
}

bool set_new(PyObject *dict, const char *key, PyObject *value)
{
    bool good = value != NULL && PyDict_SetItemString(dict, key, value) == 0;
    Py_XDECREF(value);
    return good;
}

/* CRC-32C (Castagnoli), reflected, as in RFC 3720. */
PyObject *reader_crc32c(PyObject *module, PyObject *data)
{
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t sum = byte;
            for (int bit = 0; bit < 8; bit++)
                sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78u : 0);
            table[byte] = sum;
        }
    Py_buffer buffer;
    if (PyObject_GetBuffer(data, &buffer, PyBUF_SIMPLE) < 0)
        return NULL;
    uint32_t sum = UINT32_MAX;
    const uint8_t *bytes = buffer.buf;
    for (Py_ssize_t index = 0; index < buffer.len; index++)
        sum = sum >> 8 ^ table[(sum ^ bytes[index]) & 0xff];
    PyBuffer_Release(&buffer);
    return PyLong_FromUnsignedLong(sum ^ UINT32_MAX);
}

#define FAST(function) (PyCFunction)(void (*)(void))(function), METH_FASTCALL

static PyMethodDef methods[] = {
    {"create_ring", reader_create_ring, METH_VARARGS, "create_ring(path, capacity, options): make a ring file."},
    {"scan", reader_scan, METH_O, "scan(chunk): one pass over a chunk, for the writer."},
    {"index_lookup", FAST(reader_index_lookup), "index_lookup(index, what, *key): whether postings hold it."},
    {"state", FAST(reader_state), "state(chunk, event): everything but objects' contents at an event."},
    {"objects", FAST(reader_objects), "objects(chunk, wanted, event): the records of objects up to an event."},
    {"text", FAST(reader_text), "text(chunk, id): a long string that the chunk defines."},
    {"contents", FAST(reader_contents),
     "contents(chunk, wanted, event[, directory]): the records that make up objects at an event."},
    {"directory", reader_directory, METH_O, "directory(chunk): where its objects' records are, for contents()."},
    {"events", FAST(reader_events), "events(chunk, start, stop, what): events of a chunk as rows."},
    {"calls", reader_calls, METH_O, "calls(chunk): the calls of a chunk as rows."},
    {"summary", reader_summary, METH_O, "summary(chunk): what overviews need of a chunk."},
    {"profile", FAST(reader_profile), "profile(chunk, edges): events counted in bins."},
    {"times", reader_times, METH_O, "times(chunk): the time of each event."},
    {"search", FAST(reader_search), "search(chunk, conditions, start, stop, limit, values): events that satisfy conditions."},
    {"columns", FAST(reader_columns), "columns(chunk, conditions, start, stop, slots): variables at such events."},
    {"marks", reader_marks, METH_O, "marks(chunk): where code that isn't recorded ran."},
    {"stack", FAST(reader_stack), "stack(chunk, event): the stack at an event, without values."},
    {"above", FAST(reader_above), "above(chunk, call): the frame above an open call at the chunk's beginning."},
    {"variable_writes", reader_variable_writes, METH_VARARGS, "Writes of a variable, and who did them."},
    {"object_writes", reader_object_writes, METH_VARARGS, "Records that wrote to an object, and who did them."},
    {"last_in_call", reader_last_in_call, METH_VARARGS, "The last event of a call before another one."},
    {"touches", reader_touches, METH_VARARGS, "Whether a chunk may have written to a key of an older object."},
    {"touches_variable", reader_touches_variable, METH_VARARGS, "Whether it may have written to a variable of an older call."},
    {"distinct", reader_distinct, METH_VARARGS, "The values of a chunk, each once."},
    {"occurrences", reader_occurrences, METH_VARARGS, "Where values, names and objects occur in a chunk."},
    {"hits", reader_hits, METH_VARARGS, "The hits of a line, with what some variables were."},
    {"fingerprints", reader_fingerprints, METH_VARARGS, "Hashes of what each event ran, and of the values that it saw."},
    {"nearest", reader_nearest, METH_VARARGS, "nearest(data, start, words): where the first of some words stands, and which do."},
    {"crc32c", reader_crc32c, METH_O, "crc32c(data): CRC-32C of some bytes."},
    {NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "tttui.native.reader",
    .m_doc = "The decoder of recordings, and the writer's end of the ring. See stream.h and ring.h.",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_reader(void);

PyMODINIT_FUNC PyInit_reader(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    map_seed((uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15ULL ^ (uint64_t)(uintptr_t)&now);
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    PyObject *kinds = Py_BuildValue("ssssssssss", "line", "call", "return", "yield", "resume", "throw", "raise",
                                    "reraise", "handled", "unwind");
    PyObject *ring = make_ring_type(module);
    if (StreamError == NULL)
        StreamError = PyErr_NewExceptionWithDoc(
            "tttui.native.reader.StreamError",
            "The bytes are not a well-formed stream (damaged or hostile).", PyExc_ValueError, NULL);
    if (kinds == NULL || ring == NULL || StreamError == NULL || PyModule_AddObjectRef(module, "KINDS", kinds) < 0
        || PyModule_AddObjectRef(module, "Ring", ring) < 0
        || PyModule_AddObjectRef(module, "StreamError", StreamError) < 0
        || PyModule_AddIntConstant(module, "FORMAT", STREAM_FORMAT) < 0)
        Py_CLEAR(module);
    Py_XDECREF(kinds);
    Py_XDECREF(ring);
    return module;
}
