/* fingerprints(): hashes of what each event of a thread ran and of the values that it saw, to compare two
 * runs of a program. Ids are left out: which code it is comes from outside, objects count by their content. */
#include "../reader.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    Replay replay;
    const uint64_t *codes; /* borrowed: by id */
    uint64_t code_count, thread;
    uint64_t value; /* of the values since the thread's last event */
    Bytes events, control, values;
} Prints;

static uint64_t mixed(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
    hash *= 0xbf58476d1ce4e5b9ULL;
    return hash ^ hash >> 32;
}

static uint64_t mixed_bytes(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (; size >= 8; bytes += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = mixed(hash, word);
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes, size);
    return mixed(mixed(hash, rest), size);
}

/* The value at the cursor, which is read; ids of objects, types and texts are left out. */
static uint64_t mixed_value(uint64_t hash, Cursor *cursor, int depth)
{
    if (cursor->at >= cursor->end || depth > VALUE_DEPTH)
        return hash;
    const uint8_t *start = cursor->at;
    uint8_t tag = *start;
    uint64_t count;
    Span text;
    switch (tag) {
    case V_OBJECT:
    case V_TEXT:
    case V_TEXT_CUT:
    case V_OPAQUE:
    case V_DEEP:
        skip_value(cursor);
        return mixed(hash, tag);
    case V_LABEL:
    case V_REPR:
        cursor->at++;
        read_number(cursor);
        text = read_span(cursor);
        return mixed_bytes(mixed(hash, tag), text.bytes, text.size);
    case V_TUPLE:
    case V_FROZENSET:
    case V_NAMED:
        cursor->at++;
        if (tag == V_NAMED)
            read_number(cursor);
        hash = mixed(mixed(hash, tag), read_number(cursor));
        for (count = read_number(cursor); count > 0 && cursor->error == NULL; count--)
            hash = mixed_value(hash, cursor, depth + 1);
        return hash;
    default:
        skip_value(cursor);
        return mixed_bytes(mixed(hash, tag), start, (size_t)(cursor->at - start));
    }
}

static uint64_t mixed_entries(uint64_t hash, Cursor *cursor, uint8_t part, uint64_t count)
{
    for (; count > 0 && cursor->error == NULL; count--) {
        if (part == PART_ATTRIBUTES)
            read_number(cursor);
        else if (part == PART_PAIRS)
            hash = mixed_value(hash, cursor, 0);
        hash = mixed_value(hash, cursor, 0);
    }
    return hash;
}

/* Snapshots say again what is known, at times that depend on the chunks: they are left out. */
static uint64_t mixed_object(uint64_t hash, Cursor *body, const Record *record)
{
    hash = mixed(hash, record->tag);
    switch (record->tag) {
    case OB_NEW:
        for (uint64_t parts = record->count; parts > 0 && body->error == NULL; parts--) {
            uint8_t part = read_byte(body);
            hash = mixed(mixed(hash, part), read_number(body));
            hash = mixed_entries(hash, body, part, read_number(body));
            hash = mixed_entries(hash, body, part, read_number(body));
        }
        return hash;
    case OB_SPLICE:
        hash = mixed(mixed(mixed(hash, record->part), record->caller), record->names);
        return mixed_entries(hash, body, record->part, record->count);
    case OB_SETKEY:
        return mixed_entries(mixed(hash, record->part), body, PART_PAIRS, 1);
    case OB_DELKEY:
        return mixed_value(mixed(hash, record->part), body, 0);
    default: /* OB_RESIZE */
        return mixed(mixed(hash, record->part), record->names);
    }
}

static void take(Prints *prints, const Record *record)
{
    const Replay *replay = &prints->replay;
    Cursor body = body_of(&replay->cursor, record);
    if (record->tag == ST_VAR && !replay->restating)
        prints->value = mixed_value(mixed(prints->value, record->id), &body, 0);
    else if (is_object_record(record->tag) && record->tag != OB_SNAPSHOT && record->tag != OB_DIED)
        prints->value = mixed_object(prints->value, &body, record);
    if (!is_event(record->tag))
        return;
    const ReplayFrame *frame = replay_frame(replay);
    if (replay_thread(replay)->id == prints->thread) {
        uint64_t code = frame->code < prints->code_count ? prints->codes[frame->code] : frame->code;
        uint64_t control = mixed(mixed(mixed(1, record->tag), code), (uint64_t)frame->line);
        if (record->tag != EV_LINE && record->tag != EV_CALL && record->tag != EV_RESUME)
            prints->value = mixed_value(prints->value, &body, 0);
        put_bytes(&prints->events, &replay->event, sizeof replay->event);
        put_bytes(&prints->control, &control, sizeof control);
        put_bytes(&prints->values, &prints->value, sizeof prints->value);
    }
    prints->value = 1;
}

static PyObject *as_bytes(const Bytes *out)
{
    return out->out_of_memory ? PyErr_NoMemory()
                              : PyBytes_FromStringAndSize((const char *)out->bytes, (Py_ssize_t)out->size);
}

PyObject *reader_fingerprints(PyObject *module, PyObject *arguments)
{
    Py_buffer chunk, codes;
    unsigned long long thread;
    if (!PyArg_ParseTuple(arguments, "y*y*K:fingerprints", &chunk, &codes, &thread))
        return NULL;
    uint64_t *keys = PyMem_Malloc((size_t)codes.len + 8);
    if (keys != NULL)
        memcpy(keys, codes.buf, (size_t)codes.len);
    Prints prints = {.codes = keys, .code_count = (uint64_t)codes.len / 8, .thread = thread, .value = 1};
    Record record;
    if (keys == NULL)
        PyErr_NoMemory();
    else {
        bool begun = replay_begin(&prints.replay, chunk.buf, (size_t)chunk.len);
        while (begun && replay_step(&prints.replay, &record))
            take(&prints, &record);
        raise_replay_error(&prints.replay, begun ? NULL : "the chunk is empty");
        replay_end(&prints.replay);
    }
    PyObject *result = NULL;
    if (!PyErr_Occurred())
        result = Py_BuildValue("NNN", as_bytes(&prints.events), as_bytes(&prints.control), as_bytes(&prints.values));
    free(prints.events.bytes);
    free(prints.control.bytes);
    free(prints.values.bytes);
    PyMem_Free(keys);
    PyBuffer_Release(&chunk);
    PyBuffer_Release(&codes);
    return result;
}
