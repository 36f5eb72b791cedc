/* hits(): the hits of a line, with what some variables were at each. */
#include "../reader.h"

#include <stdlib.h>

typedef struct {
    uint64_t code, start, stop;
    int64_t line;
    const uint64_t *slots; /* borrowed */
    Py_ssize_t count;
    PyObject *events; /* borrowed: a list of the only ones that are wanted, in order; NULL: all are */
    Py_ssize_t at;    /* the first of them that may still come */
} Wanted;

/* (call, code, line, caller_lasti or -1, namespace object, -1, ((slot, RAW), ...)) as state() gives it. */
static PyObject *frame_row(const Replay *replay, const Wanted *wanted)
{
    const ReplayFrame *frame = replay_frame(replay);
    PyObject *slots = PyList_New(0);
    for (Py_ssize_t index = 0; slots != NULL && index < wanted->count; index++) {
        uint64_t slot = wanted->slots[index];
        if (slot >= frame->slot_count || frame->slots[slot] == 0)
            continue;
        PyObject *value = decode_value_at(&replay->cursor, replay->cursor.start + frame->slots[slot] - 1);
        if (value == NULL || !append_new(slots, Py_BuildValue("KN", (unsigned long long)slot, value)))
            Py_CLEAR(slots);
    }
    PyObject *pairs = slots != NULL ? PyList_AsTuple(slots) : NULL;
    Py_XDECREF(slots);
    if (pairs == NULL)
        return NULL;
    return Py_BuildValue("KKLLKLN", (unsigned long long)frame->call, (unsigned long long)frame->code, (long long)frame->line,
                         lasti_of(frame->caller), (unsigned long long)frame->names, -1LL, pairs);
}

/* Whether an event is among those that are wanted. May set an exception. */
static bool is_listed(Wanted *wanted, uint64_t event)
{
    while (wanted->at < PyList_GET_SIZE(wanted->events)) {
        uint64_t listed = PyLong_AsUnsignedLongLong(PyList_GET_ITEM(wanted->events, wanted->at));
        if (listed >= event)
            return listed == event && !PyErr_Occurred();
        wanted->at++;
    }
    return false;
}

static PyObject *collect(Replay *replay, Wanted *wanted)
{
    PyObject *rows = PyList_New(0);
    Record record;
    while (rows != NULL && replay_step(replay, &record)) {
        if (replay->event >= wanted->stop)
            break;
        if (record.tag != EV_LINE || replay->event < wanted->start)
            continue;
        const ReplayFrame *frame = replay_frame(replay);
        if (frame->line != wanted->line || frame->code != wanted->code)
            continue;
        if (wanted->events != NULL && !is_listed(wanted, replay->event)) {
            if (PyErr_Occurred())
                Py_CLEAR(rows);
            continue;
        }
        PyObject *row = frame_row(replay, wanted);
        if (row == NULL
            || !append_new(rows, Py_BuildValue("KKN", (unsigned long long)replay->event, (unsigned long long)replay->time, row)))
            Py_CLEAR(rows);
    }
    if (rows != NULL) {
        raise_replay_error(replay, NULL);
        if (PyErr_Occurred())
            Py_CLEAR(rows);
    }
    return rows;
}

PyObject *reader_hits(PyObject *module, PyObject *arguments)
{
    PyObject *bytes, *slots, *events;
    unsigned long long code, start, stop;
    long long line;
    if (!PyArg_ParseTuple(arguments, "OKLO!KKO:hits", &bytes, &code, &line, &PyTuple_Type, &slots, &start, &stop, &events))
        return NULL;
    if (events != Py_None && !PyList_CheckExact(events)) {
        PyErr_SetString(PyExc_TypeError, "events are a list, or None");
        return NULL;
    }
    Wanted wanted = {.code = code, .start = start, .stop = stop, .line = line, .count = PyTuple_GET_SIZE(slots),
                     .events = events != Py_None ? events : NULL};
    uint64_t *numbers = PyMem_Calloc((size_t)wanted.count + 1, sizeof *numbers);
    if (numbers == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t index = 0; index < wanted.count; index++)
        numbers[index] = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(slots, index));
    wanted.slots = numbers;
    PyObject *rows = NULL;
    Py_buffer chunk;
    if (!PyErr_Occurred() && PyObject_GetBuffer(bytes, &chunk, PyBUF_SIMPLE) == 0) {
        Replay replay;
        if (replay_begin(&replay, chunk.buf, (size_t)chunk.len))
            rows = collect(&replay, &wanted);
        else
            raise_replay_error(&replay, "the chunk is empty");
        replay_end(&replay);
        PyBuffer_Release(&chunk);
    }
    PyMem_Free(numbers);
    return rows;
}
