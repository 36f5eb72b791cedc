/* state(): everything but objects' contents at one event. */
#include "../reader.h"

#include <limits.h>

static PyObject *decode_slots(const Replay *replay, const ReplayFrame *frame)
{
    Py_ssize_t count = 0;
    for (uint32_t slot = 0; slot < frame->slot_count; slot++)
        count += frame->slots[slot] != 0;
    PyObject *slots = PyTuple_New(count);
    Py_ssize_t index = 0;
    for (uint32_t slot = 0; slots != NULL && slot < frame->slot_count; slot++) {
        if (frame->slots[slot] == 0)
            continue;
        PyObject *value = decode_value_at(&replay->cursor, replay->cursor.start + frame->slots[slot] - 1);
        PyObject *pair = value != NULL ? Py_BuildValue("IN", (unsigned)slot, value) : NULL;
        if (pair == NULL)
            Py_CLEAR(slots);
        else
            PyTuple_SET_ITEM(slots, index++, pair);
    }
    return slots;
}

/* (call, code, line, caller_lasti or -1, namespace object, lasti or -1, ((slot, RAW), ...)) */
static PyObject *decode_frame(const Replay *replay, const ReplayFrame *frame, int64_t lasti)
{
    PyObject *slots = decode_slots(replay, frame);
    if (slots == NULL)
        return NULL;
    return Py_BuildValue("KKLLKLN", (unsigned long long)frame->call, (unsigned long long)frame->code,
                         (long long)frame->line, lasti_of(frame->caller), (unsigned long long)frame->names,
                         (long long)lasti, slots);
}

/* The innermost frames of a thread's stack as a list, outermost first; `lasti` belongs to the innermost one. */
static PyObject *decode_stack(const Replay *replay, const ReplayThread *thread, int64_t lasti, unsigned long long innermost)
{
    PyObject *stack = PyList_New(0);
    for (uint32_t index = thread->top; stack != NULL && index != 0 && innermost > 0;
         index = replay->frames[index - 1].below, innermost--) {
        if (!append_new(stack, decode_frame(replay, &replay->frames[index - 1], lasti)))
            Py_CLEAR(stack);
        lasti = -1;
    }
    if (stack != NULL && PyList_Reverse(stack) < 0)
        Py_CLEAR(stack);
    return stack;
}

static PyObject *decode_threads(const Replay *replay, int64_t lasti, unsigned long long innermost)
{
    PyObject *threads = PyDict_New();
    for (uint32_t index = 0; threads != NULL && index < replay->thread_count; index++) {
        const ReplayThread *thread = &replay->threads[index];
        PyObject *id = PyLong_FromUnsignedLongLong(thread->id);
        PyObject *stack = id != NULL ? decode_stack(replay, thread, index == replay->current ? lasti : -1, innermost) : NULL;
        if (stack == NULL || PyDict_SetItem(threads, id, stack) < 0)
            Py_CLEAR(threads);
        Py_XDECREF(id);
        Py_XDECREF(stack);
    }
    return threads;
}

static PyObject *decode_event_value(const Replay *replay, const Record *record)
{
    if (record->tag == EV_LINE || record->tag == EV_CALL || record->tag == EV_RESUME)
        Py_RETURN_NONE;
    return decode_value_at(&replay->cursor, record->body);
}

static PyObject *describe(const Replay *replay, const Record *record, unsigned long long innermost)
{
    bool located = record->tag >= EV_RAISE && record->tag <= EV_UNWIND;
    int64_t lasti = located ? lasti_of(record->id) : -1;
    PyObject *state = PyDict_New();
    if (state == NULL)
        return NULL;
    if (!set_new(state, "event", PyLong_FromUnsignedLongLong(replay->event))
        || !set_new(state, "kind", PyLong_FromLong(kind_of(record->tag)))
        || !set_new(state, "time_ns", PyLong_FromUnsignedLongLong(replay->time))
        || !set_new(state, "thread", PyLong_FromUnsignedLongLong(replay_thread(replay)->id))
        || !set_new(state, "task", PyLong_FromUnsignedLongLong(replay_thread(replay)->task))
        || !set_new(state, "threads", decode_threads(replay, lasti, innermost))
        || !set_new(state, "depth", PyLong_FromUnsignedLong(replay_thread(replay)->depth))
        || !set_new(state, "value", decode_event_value(replay, record))
        || !set_new(state, "foreign", PyLong_FromLongLong((long long)(replay->foreign - 1)))
        || !set_new(state, "loose", PyLong_FromLongLong((long long)(replay->loose - 1)))
        || !set_new(state, "calls", PyLong_FromUnsignedLongLong(replay->calls))
        || !set_new(state, "objects", PyLong_FromUnsignedLongLong(replay->objects)))
        Py_CLEAR(state);
    return state;
}

PyObject *reader_state(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 && count != 3) {
        PyErr_SetString(PyExc_TypeError, "state(chunk, event[, innermost])");
        return NULL;
    }
    unsigned long long event = PyLong_AsUnsignedLongLong(arguments[1]);
    unsigned long long innermost = count == 3 ? PyLong_AsUnsignedLongLong(arguments[2]) : ULLONG_MAX;
    if (PyErr_Occurred())
        return NULL;
    Py_buffer chunk;
    if (PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Record record;
    PyObject *state = NULL;
    bool going = replay_begin(&replay, chunk.buf, (size_t)chunk.len);
    while (going && (going = replay_step(&replay, &record)))
        if (is_event(record.tag) && replay.event >= event)
            break;
    if (!going)
        raise_replay_error(&replay, "the event is not in the chunk");
    else if (replay.event != event)
        PyErr_SetString(StreamError, "the event is before the chunk");
    else
        state = describe(&replay, &record, innermost);
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return state;
}
