/* scan(): one pass over a chunk for the writer: its rows, its counts and its postings. */
#include "summary.h"

#include <stdlib.h>

/* Everything that is collected in the pass; the objects are owned. */
typedef struct {
    Replay replay;
    Postings postings; /* `lines` and `codes` count at the same time */
    Map entries;       /* (code, 0): calls */
    Map unwinding;     /* see follow_exception */
    Summary summary;
    uint64_t kinds[10];
    uint64_t events, end_time;
    PyObject *types, *files, *sources, *codes, *names, *threads, *tasks, *outputs, *gaps;
    uint64_t first_text; /* defined in this chunk; 0: none */
    struct {
        uint64_t event, thread, code;
        bool known;
    } last_raise;
} Scan;

static PyObject *number(uint64_t value)
{
    return PyLong_FromUnsignedLongLong(value);
}

/* ---- definitions ---- */

/* A row is built from all its fields at once: behind one that failed there is nothing more to decode. */
static PyObject *text(const Cursor *body, Span bytes)
{
    return PyErr_Occurred() ? NULL : decode_text(body, bytes);
}

static PyObject *define_type(Cursor *body, uint64_t id)
{
    Span module = read_span(body), name = read_span(body);
    uint8_t shape = read_byte(body);
    return Py_BuildValue("NNNi", number(id), text(body, module), text(body, name), (int)shape);
}

static PyObject *define_file(Cursor *body, uint64_t id)
{
    Span path = read_span(body);
    uint8_t source = read_byte(body);
    return Py_BuildValue("NNi", number(id), text(body, path), (int)source);
}

/* ((name, kind), ...) */
static PyObject *define_slots(Cursor *body)
{
    uint64_t count = read_number(body);
    PyObject *slots = count <= cursor_left(body) ? PyTuple_New((Py_ssize_t)count) : PyErr_NoMemory();
    for (uint64_t index = 0; slots != NULL && index < count; index++) {
        Span name = read_span(body);
        uint8_t kind = read_byte(body);
        PyObject *slot = Py_BuildValue("Ni", text(body, name), (int)kind);
        if (slot == NULL)
            Py_CLEAR(slots);
        else
            PyTuple_SET_ITEM(slots, (Py_ssize_t)index, slot);
    }
    return slots;
}

static PyObject *define_statements(Cursor *body)
{
    uint64_t count = read_number(body);
    PyObject *units = count <= cursor_left(body) ? PyTuple_New((Py_ssize_t)count) : PyErr_NoMemory();
    for (uint64_t index = 0; units != NULL && index < count; index++) {
        PyObject *unit = number(read_number(body));
        if (unit == NULL)
            Py_CLEAR(units);
        else
            PyTuple_SET_ITEM(units, (Py_ssize_t)index, unit);
    }
    return units;
}

static PyObject *define_code(Cursor *body, uint64_t id)
{
    uint64_t file = read_number(body);
    Span name = read_span(body), qualified = read_span(body);
    uint64_t first_line = read_number(body), flags = read_number(body);
    uint64_t arguments = read_number(body), positional = read_number(body), keyword = read_number(body);
    PyObject *slots = define_slots(body);
    if (slots == NULL)
        return NULL;
    Span table = read_span(body);
    PyObject *statements = define_statements(body);
    if (statements == NULL) {
        Py_DECREF(slots);
        return NULL;
    }
    return Py_BuildValue("NNNNNNNNNNNN", number(id), number(file), text(body, name),
                         text(body, qualified), number(first_line), number(flags), number(arguments),
                         number(positional), number(keyword), slots, decode_bytes(table), statements);
}

static PyObject *define_thread(Cursor *body, uint64_t id)
{
    uint64_t native = read_number(body);
    return Py_BuildValue("NNN", number(id), number(native), text(body, read_span(body)));
}

static bool scan_definition(Scan *scan, const Record *record)
{
    Cursor body = body_of(&scan->replay.cursor, record);
    switch (record->tag) {
    case DEF_TYPE:
        return append_new(scan->types, define_type(&body, record->id));
    case DEF_FILE:
        return append_new(scan->files, define_file(&body, record->id));
    case DEF_SOURCE:
        return append_new(scan->sources, Py_BuildValue("NN", number(record->id), decode_bytes(read_span(&body))));
    case DEF_CODE:
        return append_new(scan->codes, define_code(&body, record->id));
    case DEF_NAME:
        return append_new(scan->names, Py_BuildValue("NN", number(record->id), text(&body, read_span(&body))));
    case DEF_TEXT:
        if (scan->first_text == 0)
            scan->first_text = record->id;
        return true;
    case DEF_THREAD:
        return append_new(scan->threads, define_thread(&body, record->id));
    case DEF_TASK:
        return append_new(scan->tasks, Py_BuildValue("NN", number(record->id), text(&body, read_span(&body))));
    default:
        return true;
    }
}

/* ---- events ---- */

static bool without_memory(void)
{
    PyErr_NoMemory();
    return false;
}

/* The object that an event carries, 0 where it carries something else. */
static uint64_t carried_object(const Cursor *cursor, const Record *record)
{
    Cursor value = body_of(cursor, record);
    return read_byte(&value) == V_OBJECT ? read_number(&value) : 0;
}

/* Follows an exception from the event that raised it until it leaves a thread's outermost frame.
 * Per exception: the event and code of its origin, and whether it is between two frames now (then
 * its next raise is that of the frame below, which only passes it on). Per thread: its latest one,
 * for events that don't say which it is. */
enum { ORIGIN_EVENT = 0, ORIGIN_CODE = 1, PASSING = 2, LATEST = 3 };

static bool follow_exception(Scan *scan, const Record *record)
{
    const Replay *replay = &scan->replay;
    const ReplayFrame *frame = replay_frame(replay);
    uint64_t thread = replay_thread(replay)->id;
    uint64_t exception = carried_object(&replay->cursor, record);
    Map *known = &scan->unwinding;
    if (exception == 0)
        exception = map_get(known, thread, LATEST);
    else if (!map_put(known, thread, LATEST, exception))
        return without_memory();
    bool unknown = map_get(known, exception, ORIGIN_EVENT) == 0;
    bool raised = record->tag == EV_RAISE && map_get(known, exception, PASSING) == 0;
    if (raised || unknown)
        if (!map_put(known, exception, ORIGIN_EVENT, replay->event + 1)
            || !map_put(known, exception, ORIGIN_CODE, frame->code + 1))
            return without_memory();
    if (record->tag != EV_UNWIND) {
        map_take(known, exception, PASSING);
        return true;
    }
    if (frame->below == 0) {
        scan->last_raise.event = map_get(known, exception, ORIGIN_EVENT) - 1;
        scan->last_raise.code = map_get(known, exception, ORIGIN_CODE) - 1;
        scan->last_raise.thread = thread;
        scan->last_raise.known = true;
    }
    return map_put(known, exception, PASSING, 1) || without_memory();
}

static bool scan_event(Scan *scan, const Record *record)
{
    const ReplayThread *thread = replay_thread(&scan->replay);
    uint64_t code = replay_frame(&scan->replay)->code;
    scan->kinds[kind_of(record->tag)]++;
    scan->events++;
    scan->end_time = scan->replay.time;
    if (record->tag == EV_LINE) {
        int64_t line = replay_frame(&scan->replay)->line;
        uint64_t mapped = (uint64_t)line << 1 ^ (line < 0 ? UINT64_MAX : 0);
        if (!map_add(&scan->postings.lines, code, mapped, 1))
            return without_memory();
    } else if (record->tag == EV_CALL) {
        if (!map_add(&scan->entries, code, 0, 1))
            return without_memory();
    } else if (record->tag >= EV_RAISE && record->tag <= EV_UNWIND) {
        scan->postings.raised = true;
        if (!follow_exception(scan, record))
            return false;
    } else if (record->tag == EV_THROW)
        scan->postings.raised = true;
    if (!map_put(&scan->postings.codes, code, 0, 1) || !map_put(&scan->postings.threads, thread->id, 0, 1))
        return without_memory();
    if (thread->task != 0 && !map_put(&scan->postings.tasks, thread->task, 0, 1))
        return without_memory();
    return true;
}

/* The last event before a record: -1 before the first event of a run. */
static PyObject *event_before(const Scan *scan)
{
    return PyLong_FromLongLong((long long)(scan->replay.event - 1));
}

static bool scan_record(Scan *scan, const Record *record)
{
    Cursor body;
    if (is_event(record->tag))
        return scan_event(scan, record);
    switch (record->tag) {
    case ST_VAR:
        return scan->replay.restating
               || map_put(&scan->postings.variables, replay_frame(&scan->replay)->code, record->id, 1)
               || without_memory();
    case ST_LOOSE:
        scan->postings.loose = true;
        return true;
    case ST_OUTPUT:
        scan->postings.output = true;
        body = body_of(&scan->replay.cursor, record);
        return append_new(scan->outputs,
                          Py_BuildValue("NNN", event_before(scan), number(record->id),
                                        decode_bytes((Span){body.at, cursor_left(&body)})));
    case ST_GAP:
        return append_new(scan->gaps,
                          Py_BuildValue("NNN", event_before(scan), number(record->id), number(record->count)));
    default:
        if (is_object_record(record->tag)) {
            if (record->id > scan->replay.first_object)
                return true;
            return map_put(&scan->postings.objects, record->id, 0, 1) || without_memory();
        }
        return scan_definition(scan, record);
    }
}

/* ---- the result ---- */

/* (code, line, count) or (code, count) rows. Uses the map up. */
static PyObject *count_rows(Map *map, bool lines)
{
    size_t count = map_sort(map);
    PyObject *list = PyList_New(0);
    for (size_t index = 0; list != NULL && index < count; index++) {
        const MapEntry *entry = &map->entries[index];
        PyObject *row;
        if (lines) {
            int64_t line = (int64_t)(entry->second >> 1) ^ -(int64_t)(entry->second & 1);
            row = Py_BuildValue("NLN", number(entry->first), (long long)line, number(entry->value));
        } else
            row = Py_BuildValue("NN", number(entry->first), number(entry->value));
        if (!append_new(list, row))
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *kinds_tuple(const Scan *scan)
{
    PyObject *kinds = PyTuple_New(10);
    for (Py_ssize_t kind = 0; kinds != NULL && kind < 10; kind++) {
        PyObject *count = number(scan->kinds[kind]);
        if (count == NULL)
            Py_CLEAR(kinds);
        else
            PyTuple_SET_ITEM(kinds, kind, count);
    }
    return kinds;
}

static PyObject *encode_index(Scan *scan)
{
    Bytes out = {0};
    encode_postings(&scan->postings, &out);
    PyObject *index = out.out_of_memory
                          ? PyErr_NoMemory()
                          : PyBytes_FromStringAndSize((const char *)out.bytes, (Py_ssize_t)out.size);
    free(out.bytes);
    return index;
}

static PyObject *last_raise_tuple(const Scan *scan)
{
    if (!scan->last_raise.known)
        Py_RETURN_NONE;
    return Py_BuildValue("KKK", (unsigned long long)scan->last_raise.event,
                         (unsigned long long)scan->last_raise.thread, (unsigned long long)scan->last_raise.code);
}

/* Moves a list of the scan into the result. */
static bool set_list(PyObject *result, const char *key, PyObject *list)
{
    return PyDict_SetItemString(result, key, list) == 0;
}

static PyObject *scan_result(Scan *scan)
{
    const Replay *replay = &scan->replay;
    PyObject *result = PyDict_New();
    if (result == NULL)
        return NULL;
    if (set_new(result, "first_event", number(replay->first_event)) && set_new(result, "events", number(scan->events))
        && set_new(result, "first_call", number(replay->first_call))
        && set_new(result, "calls", number(replay->calls - replay->first_call))
        && set_new(result, "first_object", number(replay->first_object))
        && set_new(result, "objects", number(replay->objects - replay->first_object))
        && set_new(result, "start_ns", number(replay->start_time)) && set_new(result, "end_ns", number(scan->end_time))
        && set_new(result, "kinds", kinds_tuple(scan)) && set_list(result, "types", scan->types)
        && set_list(result, "files", scan->files) && set_list(result, "sources", scan->sources)
        && set_list(result, "codes", scan->codes) && set_list(result, "names", scan->names)
        && set_new(result, "first_text", number(scan->first_text)) && set_list(result, "threads", scan->threads)
        && set_list(result, "tasks", scan->tasks) && set_list(result, "outputs", scan->outputs)
        && set_list(result, "gaps", scan->gaps) && set_new(result, "index", encode_index(scan))
        && set_new(result, "hits", count_rows(&scan->postings.lines, true))
        && set_new(result, "entries", count_rows(&scan->entries, false))
        && set_new(result, "last_raise", last_raise_tuple(scan))
        && set_new(result, "summary", summary_finish(&scan->summary, &scan->replay)))
        return result;
    Py_DECREF(result);
    return NULL;
}

static bool make_lists(Scan *scan)
{
    PyObject **lists[] = {&scan->types, &scan->files,   &scan->sources, &scan->codes,   &scan->names,
                          &scan->threads, &scan->tasks, &scan->outputs, &scan->gaps};
    for (size_t index = 0; index < sizeof lists / sizeof *lists; index++)
        if ((*lists[index] = PyList_New(0)) == NULL)
            return false;
    return true;
}

static void scan_free(Scan *scan)
{
    PyObject *lists[] = {scan->types, scan->files,   scan->sources, scan->codes,   scan->names,
                         scan->threads, scan->tasks, scan->outputs, scan->gaps};
    for (size_t index = 0; index < sizeof lists / sizeof *lists; index++)
        Py_XDECREF(lists[index]);
    replay_end(&scan->replay);
    postings_free(&scan->postings);
    map_free(&scan->entries);
    map_free(&scan->unwinding);
    summary_end(&scan->summary);
}

/* False at an error, with an exception. */
static bool scan_all(Scan *scan, const Py_buffer *chunk)
{
    Record record;
    if (!replay_begin(&scan->replay, chunk->buf, (size_t)chunk->len)) {
        raise_replay_error(&scan->replay, "the chunk is empty");
        return false;
    }
    scan->end_time = scan->replay.start_time;
    if (!summary_begin(&scan->summary, &scan->replay))
        return without_memory();
    while (replay_step(&scan->replay, &record)) {
        if (!scan_record(scan, &record))
            return false;
        if (!summary_step(&scan->summary, &scan->replay, &record))
            return without_memory();
    }
    raise_replay_error(&scan->replay, NULL);
    return !PyErr_Occurred();
}

PyObject *reader_scan(PyObject *module, PyObject *argument)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(argument, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Scan scan = {0};
    PyObject *result = NULL;
    if (make_lists(&scan) && scan_all(&scan, &chunk))
        result = scan_result(&scan);
    scan_free(&scan);
    PyBuffer_Release(&chunk);
    return result;
}
