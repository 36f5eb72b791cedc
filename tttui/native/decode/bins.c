/* Events counted in bins, and profile(): a chunk in bins of one's choice.
 *
 * A bin is given to Python as uint64: end_ns, events, calls, raises, depth_min, depth_max,
 * depth_sum, t threads, t * (thread, events), k tasks, k * (task, events). Bins stand behind each other. */
#include "summary.h"

#include <stdlib.h>

/* More of them in one bin are counted together, as number 0. */
enum { MOST_SHARES = 4096 };

static bool share_add(Shares *shares, uint64_t id, uint64_t events)
{
    /* Mostly it is the same one again. */
    if (shares->latest < shares->count && shares->pairs[shares->latest * 2] == id) {
        shares->pairs[shares->latest * 2 + 1] += events;
        return true;
    }
    for (size_t index = 0; index < shares->count; index++)
        if (shares->pairs[index * 2] == id) {
            shares->pairs[index * 2 + 1] += events;
            shares->latest = index;
            return true;
        }
    if (shares->count >= MOST_SHARES && id != 0)
        return share_add(shares, 0, events);
    if (shares->count == shares->capacity) {
        size_t capacity = shares->capacity != 0 ? shares->capacity * 2 : 4;
        uint64_t *pairs = realloc(shares->pairs, capacity * 2 * sizeof *pairs);
        if (pairs == NULL)
            return false;
        shares->pairs = pairs;
        shares->capacity = capacity;
    }
    shares->pairs[shares->count * 2] = id;
    shares->pairs[shares->count * 2 + 1] = events;
    shares->count++;
    return true;
}

void bin_clear(Bin *bin)
{
    bin->end_ns = bin->events = bin->calls = bin->raises = bin->depth_max = bin->depth_sum = 0;
    bin->depth_min = UINT64_MAX;
    bin->threads.count = bin->tasks.count = 0;
}

bool bin_event(Bin *bin, const Replay *replay, const Record *record)
{
    const ReplayThread *thread = replay_thread(replay);
    uint64_t depth = thread->depth;
    bin->end_ns = replay->time;
    bin->events++;
    bin->calls += record->tag == EV_CALL;
    /* The raise in a frame below one that was just unwound only passes the exception on. */
    bin->raises += record->tag == EV_RAISE && thread->tag_before != EV_UNWIND;
    bin->depth_sum += depth;
    if (depth < bin->depth_min)
        bin->depth_min = depth;
    if (depth > bin->depth_max)
        bin->depth_max = depth;
    return share_add(&bin->threads, thread->id, 1) && (thread->task == 0 || share_add(&bin->tasks, thread->task, 1));
}

bool bin_merge(Bin *into, const Bin *bin)
{
    if (bin->events == 0)
        return true;
    into->end_ns = bin->end_ns;
    into->events += bin->events;
    into->calls += bin->calls;
    into->raises += bin->raises;
    into->depth_sum += bin->depth_sum;
    if (bin->depth_min < into->depth_min)
        into->depth_min = bin->depth_min;
    if (bin->depth_max > into->depth_max)
        into->depth_max = bin->depth_max;
    for (size_t index = 0; index < bin->threads.count; index++)
        if (!share_add(&into->threads, bin->threads.pairs[index * 2], bin->threads.pairs[index * 2 + 1]))
            return false;
    for (size_t index = 0; index < bin->tasks.count; index++)
        if (!share_add(&into->tasks, bin->tasks.pairs[index * 2], bin->tasks.pairs[index * 2 + 1]))
            return false;
    return true;
}

void bin_free(Bin *bin)
{
    free(bin->threads.pairs);
    free(bin->tasks.pairs);
}

void put_bin(Bytes *out, const Bin *bin)
{
    uint64_t depth_min = bin->events != 0 ? bin->depth_min : 0;
    uint64_t numbers[] = {bin->end_ns, bin->events,    bin->calls,     bin->raises,
                          depth_min,   bin->depth_max, bin->depth_sum, bin->threads.count};
    uint64_t tasks = bin->tasks.count;
    put_bytes(out, numbers, sizeof numbers);
    put_bytes(out, bin->threads.pairs, bin->threads.count * 2 * sizeof(uint64_t));
    put_bytes(out, &tasks, sizeof tasks);
    put_bytes(out, bin->tasks.pairs, bin->tasks.count * 2 * sizeof(uint64_t));
}

PyObject *bytes_object(Bytes *out)
{
    PyObject *bytes = out->out_of_memory ? PyErr_NoMemory()
                                         : PyBytes_FromStringAndSize((const char *)out->bytes, (Py_ssize_t)out->size);
    free(out->bytes);
    return bytes;
}

/* ---- profile() ---- */

/* Puts bins between the edges into `out`; false with an exception. */
static bool put_profile(Bytes *out, Replay *replay, const uint64_t *edges, size_t count)
{
    Record record;
    Bin bin = {0};
    size_t next = 1;
    bool good = true;
    bin_clear(&bin);
    while (good && next < count && replay_step(replay, &record)) {
        if (!is_event(record.tag) || replay->event < edges[0])
            continue;
        while (next < count && replay->event >= edges[next]) {
            put_bin(out, &bin);
            bin_clear(&bin);
            next++;
        }
        good = next == count || bin_event(&bin, replay, &record);
    }
    for (; next < count; next++) {
        put_bin(out, &bin);
        bin_clear(&bin);
    }
    bin_free(&bin);
    if (!good)
        PyErr_NoMemory();
    else
        raise_replay_error(replay, NULL);
    return !PyErr_Occurred();
}

PyObject *reader_profile(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "profile(chunk, edges)");
        return NULL;
    }
    PyObject *sequence = PySequence_Fast(arguments[1], "the edges must be a sequence of int");
    if (sequence == NULL)
        return NULL;
    size_t number = (size_t)PySequence_Fast_GET_SIZE(sequence);
    uint64_t *edges = PyMem_Calloc(number + 1, sizeof *edges);
    Py_buffer chunk = {0};
    Bytes out = {0};
    bool good = edges != NULL;
    if (!good)
        PyErr_NoMemory();
    for (size_t index = 0; good && index < number; index++) {
        edges[index] = PyLong_AsUnsignedLongLong(PySequence_Fast_GET_ITEM(sequence, index));
        good = !PyErr_Occurred();
    }
    good = good && PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) == 0;
    if (good) {
        Replay replay;
        if (replay_begin(&replay, chunk.buf, (size_t)chunk.len))
            good = put_profile(&out, &replay, edges, number);
        else {
            raise_replay_error(&replay, "the chunk is empty");
            good = false;
        }
        replay_end(&replay);
        PyBuffer_Release(&chunk);
    }
    PyMem_Free(edges);
    Py_DECREF(sequence);
    if (!good) {
        free(out.bytes);
        return NULL;
    }
    return bytes_object(&out);
}

PyObject *reader_times(PyObject *module, PyObject *argument)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(argument, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Record record;
    Bytes out = {0};
    bool begun = replay_begin(&replay, chunk.buf, (size_t)chunk.len);
    while (begun && replay_step(&replay, &record))
        if (is_event(record.tag))
            put_bytes(&out, &replay.time, sizeof replay.time);
    raise_replay_error(&replay, begun ? NULL : "the chunk is empty");
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    if (PyErr_Occurred()) {
        free(out.bytes);
        return NULL;
    }
    return bytes_object(&out);
}
