/* The Python side of the decoder: what the files of tttui.native.reader share. */
#ifndef TTTUI_READER_H
#define TTTUI_READER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "decode/replay.h"

#if PY_VERSION_HEX < 0x030b0000
#error "tttui reads recordings with CPython 3.11 or newer"
#endif

extern PyObject *StreamError; /* owned by the module */

/* Raises what stopped a cursor: StreamError with the byte offset. Always NULL. */
PyObject *raise_stream_error(const Cursor *cursor);
/* The same of a replay, whose end without an error is `at_end` (NULL: no error, and no exception). */
PyObject *raise_replay_error(const Replay *replay, const char *at_end);

/* A new reference to the RAW form (reader.pyi) of the value at the cursor; NULL with an exception. */
PyObject *decode_value(Cursor *cursor);
/* The value that begins at `start`, up to `limit`. */
PyObject *decode_value_at(const Cursor *cursor, const uint8_t *start);
/* t as str. */
PyObject *decode_text(const Cursor *cursor, Span text);
PyObject *decode_bytes(Span bytes);

/* Both steal the value; false with an exception, also when the value is NULL. */
bool append_new(PyObject *list, PyObject *value);
bool set_new(PyObject *dict, const char *key, PyObject *value);

/* The tuple of one OB_* record as objects() gives it; `first` (borrowed, may be NULL) is put before. */
PyObject *decode_object_record(const Cursor *cursor, const Record *record, uint64_t event, PyObject *first);

/* Puts `count` ENTRYs of a part into the tuple `entries` from `place` on; false with an exception. */
bool decode_entries_into(PyObject *entries, Py_ssize_t place, Cursor *cursor, uint8_t part, uint64_t count);
/* Fills `wanted` (id: 1 + its index) from a sequence of ids; false with an exception. */
bool read_wanted(PyObject *ids, Map *wanted);

static inline bool is_object_record(uint8_t tag)
{
    return tag >= OB_NEW && tag <= OB_DIED;
}

/* A growing run of bytes. */
typedef struct {
    uint8_t *bytes; /* owned */
    size_t size, capacity;
    bool out_of_memory;
} Bytes;

void put_bytes(Bytes *out, const void *bytes, size_t size);
void put_number(Bytes *out, uint64_t number);

/* What a chunk's postings are made of. The maps are used up by making them. */
typedef struct {
    Map lines;     /* (code, line): line events */
    Map variables; /* (code, slot) */
    Map codes;     /* (code, 0): had an event */
    Map objects;   /* (object, 0): written, and born in an earlier chunk */
    Map threads, tasks;
    bool raised, output, loose;
} Postings;

void postings_free(Postings *postings);
/* Puts the postings into `out`; the maps of `postings` are sorted by it. */
void encode_postings(Postings *postings, Bytes *out);

PyObject *reader_scan(PyObject *module, PyObject *chunk);
PyObject *reader_index_lookup(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_state(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_objects(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_directory(PyObject *module, PyObject *chunk);
PyObject *reader_contents(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_events(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_text(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_nearest(PyObject *module, PyObject *arguments);
PyObject *reader_calls(PyObject *module, PyObject *chunk);
PyObject *reader_summary(PyObject *module, PyObject *chunk);
PyObject *reader_profile(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_times(PyObject *module, PyObject *chunk);
PyObject *reader_search(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_columns(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_marks(PyObject *module, PyObject *chunk);
PyObject *reader_stack(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_above(PyObject *module, PyObject *const *arguments, Py_ssize_t count);
PyObject *reader_variable_writes(PyObject *module, PyObject *arguments);
PyObject *reader_object_writes(PyObject *module, PyObject *arguments);
PyObject *reader_last_in_call(PyObject *module, PyObject *arguments);
PyObject *reader_touches(PyObject *module, PyObject *arguments);
PyObject *reader_touches_variable(PyObject *module, PyObject *arguments);
PyObject *reader_distinct(PyObject *module, PyObject *arguments);
PyObject *reader_occurrences(PyObject *module, PyObject *arguments);
PyObject *reader_hits(PyObject *module, PyObject *arguments);
PyObject *reader_fingerprints(PyObject *module, PyObject *arguments);
PyObject *reader_crc32c(PyObject *module, PyObject *data);
PyObject *reader_create_ring(PyObject *module, PyObject *arguments);
/* A new reference to the type Ring. */
PyObject *make_ring_type(PyObject *module);

#endif
