/* calls(): the calls of a chunk as rows; summary(): what overviews need of it. */
#include "summary.h"

#include <stdlib.h>
#include <string.h>

/* The mark of a frame whose call has no row. */
#define NO_ROW UINT32_MAX
/* Events in one bin of a summary, and bins in one group. */
enum { SUMMARY_FORMAT = 1, BIN_EVENTS = 1024, GROUP_BINS = 8 };

/* ---- rows of calls ---- */

static bool add_call(CallRows *rows, Replay *replay, ReplayFrame *frame, uint64_t thread)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity != 0 ? rows->capacity * 2 : 64;
        CallRow *grown = realloc(rows->rows, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        rows->rows = grown;
        rows->capacity = capacity;
    }
    rows->rows[rows->count] = (CallRow){
        .call = frame->call,
        .parent = frame->below != 0 ? replay->frames[frame->below - 1].call : 0,
        .code = frame->code,
        .thread = thread,
        .caller = frame->caller,
    };
    frame->mark = (uint32_t)++rows->count;
    return true;
}

bool call_rows_begin(CallRows *rows, Replay *replay)
{
    for (uint32_t thread = 0; thread < replay->thread_count; thread++)
        for (uint32_t index = replay->threads[thread].top; index != 0; index = replay->frames[index - 1].below)
            if (!add_call(rows, replay, &replay->frames[index - 1], replay->threads[thread].id))
                return false;
    return true;
}

/* The row of the current frame; NULL: it has none, or no memory (`good` is false then). */
static CallRow *row_of(CallRows *rows, Replay *replay, bool *good)
{
    ReplayFrame *frame = replay_frame(replay);
    *good = true;
    if (frame->mark == NO_ROW)
        return NULL;
    if (frame->mark == 0 && !(*good = add_call(rows, replay, frame, replay_thread(replay)->id)))
        return NULL;
    return &rows->rows[frame->mark - 1];
}

bool call_rows_step(CallRows *rows, Replay *replay, const Record *record)
{
    bool good = true;
    CallRow *row;
    if (record->tag == ST_PUSH) {
        ReplayFrame *frame = replay_frame(replay);
        rows->roots += frame->below == 0;
        if (!rows->new_ones) {
            frame->mark = NO_ROW;
            return true;
        }
        row = row_of(rows, replay, &good);
        if (row != NULL) {
            row->started = replay->event + 1;
            row->start_ns = replay->time;
        }
        return good;
    }
    if (!is_event(record->tag) || record->tag == EV_LINE)
        return true;
    row = row_of(rows, replay, &good);
    if (row == NULL)
        return good;
    row->outcome = CALL_RUNNING;
    if (record->tag == EV_YIELD)
        row->outcome = CALL_SUSPENDED;
    if (record->tag == EV_RETURN || record->tag == EV_UNWIND) {
        const ReplayFrame *frame = replay_frame(replay);
        row->outcome = record->tag == EV_RETURN ? CALL_RETURNED : CALL_RAISED;
        row->ended = replay->event + 1;
        row->end_ns = replay->time;
        row->inside = calls_inside(replay, frame);
        row->children = frame->children;
    }
    return true;
}

/* Older calls first, then by number. */
static int compare_rows(const void *left, const void *right)
{
    const CallRow *a = left, *b = right;
    if ((a->started == 0) != (b->started == 0))
        return a->started == 0 ? -1 : 1;
    return a->call < b->call ? -1 : a->call > b->call;
}

static CallRow *open_row(CallRows *rows, const ReplayFrame *frame)
{
    if (frame->mark == 0 || frame->mark == NO_ROW)
        return NULL;
    CallRow *row = &rows->rows[frame->mark - 1];
    return row->ended == 0 && row->call == frame->call ? row : NULL;
}

void call_rows_finish(CallRows *rows, Replay *replay)
{
    CallRow *row;
    for (uint32_t index = 0; index < replay->frame_count; index++)
        if ((row = open_row(rows, &replay->frames[index])) != NULL) {
            row->inside = replay->frames[index].inside;
            row->children = replay->frames[index].children;
        }
    for (uint32_t thread = 0; thread < replay->thread_count; thread++) {
        replay->current = thread;
        for (uint32_t index = replay->threads[thread].top; index != 0; index = replay->frames[index - 1].below)
            if ((row = open_row(rows, &replay->frames[index - 1])) != NULL)
                row->inside = calls_inside(replay, &replay->frames[index - 1]);
    }
    if (rows->count > 1)
        qsort(rows->rows, rows->count, sizeof *rows->rows, compare_rows);
}

size_t older_calls(const CallRows *rows)
{
    size_t count = 0;
    while (count < rows->count && rows->rows[count].started == 0)
        count++;
    return count;
}

void call_rows_free(CallRows *rows)
{
    free(rows->rows);
}

static PyObject *rows_object(const CallRow *rows, size_t count)
{
    return PyBytes_FromStringAndSize((const char *)rows, (Py_ssize_t)(count * sizeof *rows));
}

PyObject *reader_calls(PyObject *module, PyObject *argument)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(argument, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Record record;
    CallRows rows = {.new_ones = true};
    PyObject *result = NULL;
    bool begun = replay_begin(&replay, chunk.buf, (size_t)chunk.len);
    bool good = begun && call_rows_begin(&rows, &replay);
    while (good && replay_step(&replay, &record))
        good = call_rows_step(&rows, &replay, &record);
    if (begun && !good)
        PyErr_NoMemory();
    else
        raise_replay_error(&replay, begun ? NULL : "the chunk is empty");
    if (!PyErr_Occurred()) {
        call_rows_finish(&rows, &replay);
        size_t older = older_calls(&rows);
        result = Py_BuildValue("NN", rows_object(rows.rows, older), rows_object(rows.rows + older, rows.count - older));
    }
    call_rows_free(&rows);
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return result;
}

/* ---- summaries ---- */

static bool close_bin(Summary *summary)
{
    if (summary->bin.events == 0)
        return true;
    put_bin(&summary->bins, &summary->bin);
    summary->bin_count++;
    bool good = bin_merge(&summary->group, &summary->bin);
    bin_clear(&summary->bin);
    return good;
}

static bool close_group(Summary *summary)
{
    if (summary->group.events == 0)
        return true;
    put_bin(&summary->groups, &summary->group);
    summary->group_count++;
    bool good = bin_merge(&summary->total, &summary->group);
    bin_clear(&summary->group);
    return good;
}

bool summary_begin(Summary *summary, Replay *replay)
{
    *summary = (Summary){0};
    bin_clear(&summary->bin);
    bin_clear(&summary->group);
    bin_clear(&summary->total);
    return call_rows_begin(&summary->rows, replay);
}

bool summary_step(Summary *summary, Replay *replay, const Record *record)
{
    if (!call_rows_step(&summary->rows, replay, record) || !touched_step(&summary->touched, replay, record))
        return false;
    if (!is_event(record->tag))
        return true;
    if (!bin_event(&summary->bin, replay, record))
        return false;
    if (summary->bin.events < BIN_EVENTS)
        return true;
    return close_bin(summary) && (summary->bin_count % GROUP_BINS != 0 || close_group(summary));
}

PyObject *summary_finish(Summary *summary, Replay *replay)
{
    if (!close_bin(summary) || !close_group(summary))
        return PyErr_NoMemory();
    call_rows_finish(&summary->rows, replay);
    Bytes out = {0};
    uint64_t head[] = {SUMMARY_FORMAT, BIN_EVENTS, GROUP_BINS, summary->group_count, summary->bin_count};
    put_bytes(&out, head, sizeof head);
    put_bin(&out, &summary->total);
    put_bytes(&out, summary->groups.bytes, summary->groups.size);
    put_bytes(&out, summary->bins.bytes, summary->bins.size);
    out.out_of_memory |= summary->groups.out_of_memory || summary->bins.out_of_memory;
    PyObject *profile = bytes_object(&out);
    if (profile == NULL)
        return NULL;
    Bytes calls = {0};
    uint64_t roots[] = {SUMMARY_FORMAT, summary->rows.roots};
    put_bytes(&calls, roots, sizeof roots);
    put_bytes(&calls, summary->rows.rows, older_calls(&summary->rows) * sizeof(CallRow));
    PyObject *rows = bytes_object(&calls);
    Bytes keys = {0};
    put_touched(&keys, &summary->touched);
    PyObject *touched = rows != NULL ? bytes_object(&keys) : NULL;
    if (touched == NULL) {
        Py_DECREF(profile);
        Py_XDECREF(rows);
        return NULL;
    }
    return Py_BuildValue("NNN", profile, rows, touched);
}

void summary_end(Summary *summary)
{
    touched_free(&summary->touched);
    call_rows_free(&summary->rows);
    bin_free(&summary->bin);
    bin_free(&summary->group);
    bin_free(&summary->total);
    free(summary->bins.bytes);
    free(summary->groups.bytes);
}

PyObject *reader_summary(PyObject *module, PyObject *argument)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(argument, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Replay replay;
    Record record;
    Summary summary = {0};
    bool begun = replay_begin(&replay, chunk.buf, (size_t)chunk.len);
    bool good = begun && summary_begin(&summary, &replay);
    while (good && replay_step(&replay, &record))
        good = summary_step(&summary, &replay, &record);
    if (begun && !good)
        PyErr_NoMemory();
    else
        raise_replay_error(&replay, begun ? NULL : "the chunk is empty");
    PyObject *result = PyErr_Occurred() ? NULL : summary_finish(&summary, &replay);
    summary_end(&summary);
    replay_end(&replay);
    PyBuffer_Release(&chunk);
    return result;
}
