/* marks(): where code that isn't recorded ran, for all events of a chunk at once. */
#include "../reader.h"

#include <stdlib.h>

static void put_event(Bytes *out, uint64_t event)
{
    put_bytes(out, &event, sizeof event);
}

static PyObject *marks_of(Replay *replay)
{
    Bytes loose = {0}, foreign = {0};
    uint64_t last_loose = 0, last_foreign = 0;
    Record record;
    while (replay_step(replay, &record)) {
        if (replay->loose != last_loose)
            put_event(&loose, (last_loose = replay->loose) - 1);
        if (replay->foreign != last_foreign)
            put_event(&foreign, (last_foreign = replay->foreign) - 1);
    }
    PyObject *marks = NULL;
    if (loose.out_of_memory || foreign.out_of_memory)
        PyErr_NoMemory();
    else
        raise_replay_error(replay, NULL);
    if (!PyErr_Occurred())
        marks = Py_BuildValue("y#y#", loose.size != 0 ? (const char *)loose.bytes : "", (Py_ssize_t)loose.size,
                              foreign.size != 0 ? (const char *)foreign.bytes : "", (Py_ssize_t)foreign.size);
    free(loose.bytes);
    free(foreign.bytes);
    return marks;
}

PyObject *reader_marks(PyObject *module, PyObject *argument)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(argument, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    PyObject *marks = replay_begin(&replay, chunk.buf, (size_t)chunk.len) ? marks_of(&replay)
                                                                          : raise_replay_error(&replay, "the chunk is empty");
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return marks;
}
