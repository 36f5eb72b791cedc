/* events(): a chunk expanded into rows. */
#include "../reader.h"

enum { WANT_EVENTS = 1, WANT_CALLS = 2, WANT_VARIABLES = 4, WANT_OBJECTS = 8 };

/* The names that the rows begin with; owned. */
typedef struct {
    PyObject *event, *call, *variable, *object;
} RowNames;

static PyObject *event_row(const Replay *replay, const Record *record, PyObject *name)
{
    const ReplayThread *thread = replay_thread(replay);
    const ReplayFrame *frame = replay_frame(replay);
    bool located = record->tag >= EV_RAISE && record->tag <= EV_UNWIND;
    PyObject *value;
    if (record->tag == EV_LINE || record->tag == EV_CALL || record->tag == EV_RESUME)
        value = Py_NewRef(Py_None);
    else
        value = decode_value_at(&replay->cursor, record->body);
    if (value == NULL)
        return NULL;
    return Py_BuildValue("OKiKKKKLLKN", name, (unsigned long long)replay->event, kind_of(record->tag),
                         (unsigned long long)thread->id, (unsigned long long)thread->task,
                         (unsigned long long)frame->call, (unsigned long long)frame->code, (long long)frame->line,
                         located ? lasti_of(record->id) : -1LL, (unsigned long long)replay->time, value);
}

static PyObject *call_row(const Replay *replay, PyObject *name)
{
    const ReplayThread *thread = replay_thread(replay);
    const ReplayFrame *frame = replay_frame(replay);
    uint64_t caller = frame->below != 0 ? replay->frames[frame->below - 1].call : 0;
    return Py_BuildValue("OKKKKLKKK", name, (unsigned long long)replay->event, (unsigned long long)frame->call,
                         (unsigned long long)frame->code, (unsigned long long)caller, lasti_of(frame->caller),
                         (unsigned long long)thread->id, (unsigned long long)thread->task,
                         (unsigned long long)frame->names);
}

static PyObject *variable_row(const Replay *replay, const Record *record, PyObject *name)
{
    PyObject *value = decode_value_at(&replay->cursor, record->body);
    if (value == NULL)
        return NULL;
    return Py_BuildValue("OKKKN", name, (unsigned long long)replay->event,
                         (unsigned long long)replay_frame(replay)->call, (unsigned long long)record->id, value);
}

/* Appends the row of a record where it is wanted; false with an exception. */
static bool add_row(PyObject *rows, const Replay *replay, const Record *record, unsigned what, const RowNames *names)
{
    if (is_event(record->tag))
        return !(what & WANT_EVENTS) || append_new(rows, event_row(replay, record, names->event));
    if (record->tag == ST_PUSH)
        return !(what & WANT_CALLS) || append_new(rows, call_row(replay, names->call));
    if (record->tag == ST_VAR)
        return !(what & WANT_VARIABLES) || replay->restating
               || append_new(rows, variable_row(replay, record, names->variable));
    if (is_object_record(record->tag) && (what & WANT_OBJECTS))
        return append_new(rows, decode_object_record(&replay->cursor, record, replay->event, names->object));
    return true;
}

/* The rows of events start .. stop-1; NULL with an exception. */
static PyObject *collect(Replay *replay, uint64_t start, uint64_t stop, unsigned what, const RowNames *names)
{
    PyObject *rows = PyList_New(0);
    /* How many rows belong to whole events: state that no event follows belongs to none. */
    Py_ssize_t complete = 0;
    Record record;
    while (rows != NULL && replay_step(replay, &record)) {
        if (replay->event >= stop)
            break;
        if (replay->event < start)
            continue;
        if (!add_row(rows, replay, &record, what, names))
            Py_CLEAR(rows);
        else if (is_event(record.tag))
            complete = PyList_GET_SIZE(rows);
    }
    if (rows == NULL)
        return NULL;
    raise_replay_error(replay, NULL);
    if (PyErr_Occurred() || PyList_SetSlice(rows, complete, PyList_GET_SIZE(rows), NULL) < 0)
        Py_CLEAR(rows);
    return rows;
}

PyObject *reader_events(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 4) {
        PyErr_SetString(PyExc_TypeError, "events(chunk, start, stop, what)");
        return NULL;
    }
    unsigned long long start = PyLong_AsUnsignedLongLong(arguments[1]);
    unsigned long long stop = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(arguments[2]);
    unsigned long what = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLong(arguments[3]);
    if (PyErr_Occurred())
        return NULL;
    Py_buffer chunk;
    if (PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    RowNames names = {PyUnicode_InternFromString("event"), PyUnicode_InternFromString("call"),
                      PyUnicode_InternFromString("variable"), PyUnicode_InternFromString("object")};
    PyObject *rows = NULL;
    if (names.event != NULL && names.call != NULL && names.variable != NULL && names.object != NULL) {
        Replay replay;
        if (replay_begin(&replay, chunk.buf, (size_t)chunk.len))
            rows = collect(&replay, start, stop, (unsigned)what, &names);
        else
            raise_replay_error(&replay, "the chunk is empty");
        replay_end(&replay);
    }
    Py_XDECREF(names.event);
    Py_XDECREF(names.call);
    Py_XDECREF(names.variable);
    Py_XDECREF(names.object);
    PyBuffer_Release(&chunk);
    return rows;
}
