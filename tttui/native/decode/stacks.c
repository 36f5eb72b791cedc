/* stack() and above(): which calls are open, without their variables. */
#include "../reader.h"

/* ((call, code, line), ...) of the current thread, outermost first. */
static PyObject *stack_tuple(const Replay *replay)
{
    Py_ssize_t depth = replay_thread(replay)->depth;
    PyObject *stack = PyTuple_New(depth);
    for (uint32_t index = replay_thread(replay)->top; stack != NULL && index != 0 && depth > 0;) {
        const ReplayFrame *frame = &replay->frames[index - 1];
        PyObject *entry = Py_BuildValue("KKL", (unsigned long long)frame->call, (unsigned long long)frame->code,
                                        (long long)frame->line);
        if (entry == NULL)
            Py_CLEAR(stack);
        else
            PyTuple_SET_ITEM(stack, --depth, entry);
        index = frame->below;
    }
    return stack;
}

PyObject *reader_stack(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "stack(chunk, event)");
        return NULL;
    }
    unsigned long long event = PyLong_AsUnsignedLongLong(arguments[1]);
    Py_buffer chunk;
    if (PyErr_Occurred() || PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Record record;
    PyObject *stack = NULL;
    bool going = replay_begin(&replay, chunk.buf, (size_t)chunk.len);
    while (going && (going = replay_step(&replay, &record)))
        if (is_event(record.tag) && replay.event >= event)
            break;
    if (!going)
        raise_replay_error(&replay, "the event is not in the chunk");
    else if (replay.event != event)
        PyErr_SetString(StreamError, "the event is before the chunk");
    else
        stack = stack_tuple(&replay);
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return stack;
}

/* (call, code) of the frame that a call made, where the call is on a stack: (0, 0) where it is the
 * innermost; None where it is on none. */
static PyObject *frame_above(const Replay *replay, uint64_t call)
{
    for (uint32_t thread = 0; thread < replay->thread_count; thread++) {
        const ReplayFrame *above = NULL;
        for (uint32_t index = replay->threads[thread].top; index != 0; index = replay->frames[index - 1].below) {
            const ReplayFrame *frame = &replay->frames[index - 1];
            if (frame->call == call)
                return Py_BuildValue("KK", above != NULL ? (unsigned long long)above->call : 0ULL,
                                     above != NULL ? (unsigned long long)above->code : 0ULL);
            above = frame;
        }
    }
    Py_RETURN_NONE;
}

PyObject *reader_above(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "above(chunk, call)");
        return NULL;
    }
    unsigned long long call = PyLong_AsUnsignedLongLong(arguments[1]);
    Py_buffer chunk;
    if (PyErr_Occurred() || PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    PyObject *result = replay_begin(&replay, chunk.buf, (size_t)chunk.len)
                           ? frame_above(&replay, call)
                           : raise_replay_error(&replay, "the chunk is empty");
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return result;
}
