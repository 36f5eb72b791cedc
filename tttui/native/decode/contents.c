/* contents(): the records that are needed to know what objects contain at an event.
 *
 * A counter or a variable of a module is written thousands of times in a chunk, and only its last
 * value matters. So in one pass the records of each wanted object are noted; those before the last
 * restatement are forgotten, and within an unbroken run of records of one kind on one part of an
 * object a later record takes the place of the earlier one that it makes void, or is joined to it.
 */
#include "../reader.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS = PART_ARRAY + 1 };

typedef enum { RUN_NONE = 0, RUN_REPLACES, RUN_INSERTS, RUN_DELETES, RUN_SETS } RunKind;

/* A record that is needed, or (reached by `more`) entries that belong to one. */
typedef struct {
    uint64_t event;
    uint64_t position, deleted, inserted; /* of a SPLICE, with all that is joined to it */
    uint32_t offset;             /* of the record in the chunk */
    uint32_t next;               /* 1 + index of the object's next one, 0: none */
    uint32_t more, last;         /* 1 + index of the first and last that are joined to it, 0: none */
} Note;

typedef struct {
    uint32_t first, last; /* 1 + index of its notes, 0: none */
    struct {
        RunKind kind;
        uint32_t note; /* 1 + index of the latest of the run */
        uint64_t id;   /* of the run, unique in this pass */
    } runs[PARTS];
} Track;

typedef struct {
    Cursor cursor;
    Map wanted;    /* id: 1 + index of its track */
    Track *tracks; /* owned */
    Note *notes;   /* owned */
    uint32_t note_count, note_capacity;
    Map replaced;  /* (run, position or hash of the key): 1 + index of the note */
    uint64_t runs;
} Contents;

/* 1 + index of a new note, 0 with an exception. */
static uint32_t add_note(Contents *contents, const Record *record, uint64_t event)
{
    if (contents->note_count == contents->note_capacity) {
        uint32_t capacity = contents->note_capacity != 0 ? contents->note_capacity * 2 : 256;
        Note *notes = realloc(contents->notes, capacity * sizeof(Note));
        if (notes == NULL) {
            PyErr_NoMemory();
            return 0;
        }
        contents->notes = notes;
        contents->note_capacity = capacity;
    }
    contents->notes[contents->note_count] = (Note){
        .event = event,
        .position = record->caller,
        .deleted = record->names,
        .inserted = record->count,
        .offset = (uint32_t)(record->start - contents->cursor.start),
    };
    return ++contents->note_count;
}

/* A new note at the end of the object's; 0 with an exception. */
static uint32_t append_note(Contents *contents, Track *track, const Record *record, uint64_t event)
{
    uint32_t note = add_note(contents, record, event);
    if (note == 0)
        return 0;
    if (track->last != 0)
        contents->notes[track->last - 1].next = note;
    else
        track->first = note;
    track->last = note;
    return note;
}

/* The record stands for the one noted earlier under the same key of its run, or is the first of
 * them. `is_same` tells of a note found whether it really is about the same. False with an exception. */
static bool note_replacement(Contents *contents, Track *track, const Record *record, uint64_t event, RunKind kind,
                             uint64_t key, bool (*is_same)(const Contents *, const Note *, const Record *))
{
    uint8_t part = record->part;
    if (track->runs[part].kind != kind) {
        track->runs[part].kind = kind;
        track->runs[part].id = ++contents->runs;
    }
    uint64_t run = track->runs[part].id;
    uint32_t known = (uint32_t)map_get(&contents->replaced, run, key);
    if (known != 0 && is_same(contents, &contents->notes[known - 1], record)) {
        contents->notes[known - 1].offset = (uint32_t)(record->start - contents->cursor.start);
        contents->notes[known - 1].event = event;
        return true;
    }
    uint32_t note = append_note(contents, track, record, event);
    if (note == 0)
        return false;
    if (!map_put(&contents->replaced, run, key, note)) {
        PyErr_NoMemory();
        return false;
    }
    return true;
}

static bool same_position(const Contents *contents, const Note *note, const Record *record)
{
    return true; /* the position is the key */
}

/* The encoded key of a SETKEY. */
static Span key_of(const Contents *contents, const uint8_t *body)
{
    Cursor key = contents->cursor;
    key.at = body;
    skip_value(&key);
    return (Span){body, (size_t)(key.at - body)};
}

static bool same_key(const Contents *contents, const Note *note, const Record *record)
{
    Cursor at = contents->cursor;
    at.at = at.start + note->offset;
    Record earlier;
    if (!read_record(&at, &earlier))
        return false;
    Span one = key_of(contents, earlier.body), other = key_of(contents, record->body);
    return one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0;
}

/* Whether two keys are one if, and only if, their bytes are. (True is 1, and no NaN is another.) */
static bool is_exact_key(uint8_t tag)
{
    return tag >= V_SMALL_INT || tag == V_STR || tag == V_INT || tag == V_OBJECT || tag == V_TEXT || tag == V_BYTES;
}

static uint64_t hash_of(Span bytes)
{
    uint64_t hash = 0xcbf29ce484222325ULL; /* FNV-1a */
    for (size_t index = 0; index < bytes.size; index++)
        hash = (hash ^ bytes.bytes[index]) * 0x100000001b3ULL;
    return hash;
}

/* Joins a deletion to the one before it, where both took away one stretch: pop() and pop(0) do. */
static bool join_deletion(Note *previous, const Record *record, uint64_t event)
{
    bool behind = record->caller == previous->position;
    bool before = previous->position >= record->names && record->caller == previous->position - record->names;
    if ((!behind && !before) || record->names > UINT64_MAX - previous->deleted)
        return false;
    previous->position = record->caller;
    previous->deleted += record->names;
    previous->event = event;
    return true;
}

/* False with an exception. */
static bool note_splice(Contents *contents, Track *track, const Record *record, uint64_t event)
{
    if (record->names == 1 && record->count == 1)
        return note_replacement(contents, track, record, event, RUN_REPLACES, record->caller, same_position);
    uint8_t part = record->part;
    bool inserts = record->names == 0 && record->count > 0, deletes = record->names > 0 && record->count == 0;
    if (deletes && track->runs[part].kind == RUN_DELETES
        && join_deletion(&contents->notes[track->runs[part].note - 1], record, event))
        return true;
    if (inserts && track->runs[part].kind == RUN_INSERTS) {
        uint32_t before = track->runs[part].note;
        const Note *previous = &contents->notes[before - 1];
        if (record->caller >= previous->position && record->caller - previous->position == previous->inserted) {
            uint32_t piece = add_note(contents, record, event);
            if (piece == 0)
                return false;
            Note *joined = &contents->notes[before - 1];
            if (joined->last != 0)
                contents->notes[joined->last - 1].next = piece;
            else
                joined->more = piece;
            joined->last = piece;
            joined->inserted += record->count;
            joined->event = event;
            return true;
        }
    }
    uint32_t note = append_note(contents, track, record, event);
    track->runs[part].kind = inserts ? RUN_INSERTS : deletes ? RUN_DELETES : RUN_NONE;
    track->runs[part].note = note;
    return note != 0;
}

/* False with an exception. */
static bool note_record(Contents *contents, const Record *record, uint64_t event)
{
    uint32_t wanted = (uint32_t)map_get(&contents->wanted, record->id, 0);
    if (wanted == 0)
        return true;
    Track *track = &contents->tracks[wanted - 1];
    if (record->tag == OB_NEW || record->tag == OB_SNAPSHOT)
        *track = (Track){0};
    else if (record->tag == OB_SPLICE)
        return note_splice(contents, track, record, event);
    else if (record->tag == OB_SETKEY && is_exact_key(*record->body))
        return note_replacement(contents, track, record, event, RUN_SETS, hash_of(key_of(contents, record->body)),
                                same_key);
    else if (record->tag != OB_DIED)
        track->runs[record->part].kind = RUN_NONE;
    return append_note(contents, track, record, event) != 0;
}

/* The SPLICE of a note to which others are joined. */
static PyObject *decode_joined(const Contents *contents, const Note *note, const Record *record)
{
    PyObject *entries = PyTuple_New((Py_ssize_t)note->inserted);
    Py_ssize_t place = 0;
    uint32_t next = 0;
    for (const Note *piece = note; entries != NULL && piece != NULL; piece = next != 0 ? &contents->notes[next - 1] : NULL) {
        Cursor at = contents->cursor;
        at.at = at.start + piece->offset;
        Record its;
        bool good = read_record(&at, &its);
        Cursor body = body_of(&at, &its);
        if (!good || !decode_entries_into(entries, place, &body, its.part, its.count))
            Py_CLEAR(entries);
        place += (Py_ssize_t)its.count;
        next = piece == note ? note->more : piece->next;
    }
    if (entries == NULL)
        return NULL;
    return Py_BuildValue("KiKiKKN", (unsigned long long)note->event, (int)OB_SPLICE, (unsigned long long)record->id,
                         (int)record->part, (unsigned long long)note->position, (unsigned long long)note->deleted,
                         entries);
}

/* The list of an object's records. */
static PyObject *decode_notes(const Contents *contents, const Track *track)
{
    PyObject *records = PyList_New(0);
    for (uint32_t index = track->first; records != NULL && index != 0; index = contents->notes[index - 1].next) {
        const Note *note = &contents->notes[index - 1];
        Cursor at = contents->cursor;
        at.at = at.start + note->offset;
        Record record;
        PyObject *row = NULL;
        if (!read_record(&at, &record))
            raise_stream_error(&at);
        else if (note->more != 0 || (record.tag == OB_SPLICE && note->deleted != record.names))
            row = decode_joined(contents, note, &record);
        else
            row = decode_object_record(&at, &record, note->event, NULL);
        if (!append_new(records, row))
            Py_CLEAR(records);
    }
    return records;
}

/* ---- the directory of a chunk: where the records of each object are ---- */

/* A directory is this, `buckets` (a power of two) times uint32_t: 1 + index of the first entry of
 * the bucket's objects, then the entries. It never leaves the process, but is checked all the same. */
typedef struct {
    uint32_t buckets, entries;
    uint64_t first_event;
} DirectoryHead;

typedef struct {
    uint32_t object; /* the low half of its id: the record has all of it */
    uint32_t offset; /* of the record */
    uint32_t event;  /* at which it is visible - first_event */
    uint32_t next;   /* 1 + index of the bucket's next entry, 0: none */
} DirectoryEntry;

static uint32_t bucket_of(uint32_t object, uint32_t buckets)
{
    return (uint32_t)(object * 0x9e3779b97f4a7c15ULL >> 32) & (buckets - 1);
}

/* All object records as entries, in order; their number. False with an exception. */
static bool list_records(Cursor *cursor, Bytes *entries, uint64_t *first_event)
{
    Record record;
    uint64_t event = 0;
    while (read_record(cursor, &record)) {
        if (is_event(record.tag))
            event++;
        else if (record.tag == ST_CHUNK)
            event = *first_event = record.id;
        else if (is_object_record(record.tag)) {
            DirectoryEntry entry = {
                .object = (uint32_t)record.id,
                .offset = (uint32_t)(record.start - cursor->start),
                .event = (uint32_t)(event - *first_event),
            };
            put_bytes(entries, &entry, sizeof entry);
        }
    }
    if (cursor->error != NULL)
        raise_stream_error(cursor);
    else if (entries->out_of_memory)
        PyErr_NoMemory();
    return cursor->error == NULL && !entries->out_of_memory;
}

static PyObject *make_directory(const Bytes *list, uint64_t first_event)
{
    DirectoryHead head = {.buckets = 16, .entries = (uint32_t)(list->size / sizeof(DirectoryEntry)), .first_event = first_event};
    while (head.buckets < head.entries / 4)
        head.buckets *= 2;
    size_t table = head.buckets * sizeof(uint32_t);
    PyObject *directory = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(sizeof head + table + list->size));
    uint32_t *last = calloc(head.buckets, sizeof(uint32_t));
    if (directory == NULL || last == NULL) {
        Py_XDECREF(directory);
        free(last);
        return PyErr_NoMemory();
    }
    char *bytes = PyBytes_AS_STRING(directory);
    uint32_t *first = (uint32_t *)(bytes + sizeof head);
    DirectoryEntry *entries = (DirectoryEntry *)(bytes + sizeof head + table);
    memcpy(bytes, &head, sizeof head);
    memset(first, 0, table);
    if (list->size != 0)
        memcpy(entries, list->bytes, list->size);
    for (uint32_t index = 0; index < head.entries; index++) {
        uint32_t bucket = bucket_of(entries[index].object, head.buckets);
        if (last[bucket] == 0)
            first[bucket] = index + 1;
        else
            entries[last[bucket] - 1].next = index + 1;
        last[bucket] = index + 1;
    }
    free(last);
    return directory;
}

PyObject *reader_directory(PyObject *module, PyObject *argument)
{
    Py_buffer chunk;
    if (PyObject_GetBuffer(argument, &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    Cursor cursor = cursor_over(chunk.buf, (size_t)chunk.len);
    Bytes entries = {0};
    uint64_t first_event = 0;
    PyObject *directory = NULL;
    if ((size_t)chunk.len >= UINT32_MAX)
        PyErr_SetString(StreamError, "the chunk is too large");
    else if (list_records(&cursor, &entries, &first_event))
        directory = make_directory(&entries, first_event);
    free(entries.bytes);
    PyBuffer_Release(&chunk);
    return directory;
}

/* Reads the record of an entry. False with an exception. */
static bool read_listed(const Contents *contents, const DirectoryEntry *entry, Record *record)
{
    Cursor at = contents->cursor;
    if (entry->offset >= cursor_left(&at)) {
        PyErr_SetString(StreamError, "the directory is not that of the chunk");
        return false;
    }
    at.at += entry->offset;
    if (!read_record(&at, record))
        raise_stream_error(&at);
    return at.error == NULL;
}

/* Notes the records of one object that the directory lists, from the last one on that restates it:
 * what is before needs only a look at its tag. False with an exception. */
static bool note_listed(Contents *contents, const Py_buffer *directory, uint64_t object, uint64_t last)
{
    const DirectoryHead *head = directory->buf;
    const uint32_t *first = (const uint32_t *)(head + 1);
    const DirectoryEntry *entries = (const DirectoryEntry *)(first + head->buckets);
    const uint32_t begin = first[bucket_of((uint32_t)object, head->buckets)];
    uint32_t from = begin, before = 0;
    Record record;
    for (uint32_t index = begin; index != 0; before = index, index = entries[index - 1].next) {
        if (index <= before || index > head->entries) {
            PyErr_SetString(StreamError, "the directory is damaged");
            return false;
        }
        const DirectoryEntry *entry = &entries[index - 1];
        if (head->first_event + entry->event > last)
            break;
        if (entry->object != (uint32_t)object || entry->offset >= cursor_left(&contents->cursor))
            continue;
        uint8_t tag = contents->cursor.start[entry->offset];
        if (tag != OB_NEW && tag != OB_SNAPSHOT)
            continue;
        if (!read_listed(contents, entry, &record))
            return false;
        if (record.id == object)
            from = index;
    }
    for (uint32_t index = from; index != 0; index = entries[index - 1].next) {
        const DirectoryEntry *entry = &entries[index - 1];
        if (head->first_event + entry->event > last)
            return true;
        if (entry->object != (uint32_t)object)
            continue;
        if (!read_listed(contents, entry, &record))
            return false;
        if (is_object_record(record.tag) && !note_record(contents, &record, head->first_event + entry->event))
            return false;
    }
    return true;
}

static bool note_all_listed(Contents *contents, const Py_buffer *directory, uint64_t last)
{
    const DirectoryHead *head = directory->buf;
    size_t size = (size_t)directory->len;
    if (size < sizeof *head || head->buckets == 0 || (head->buckets & (head->buckets - 1)) != 0
        || size != sizeof *head + head->buckets * sizeof(uint32_t) + head->entries * sizeof(DirectoryEntry)) {
        PyErr_SetString(StreamError, "the directory is damaged");
        return false;
    }
    for (size_t index = 0; index < contents->wanted.capacity; index++) {
        const MapEntry *wanted = &contents->wanted.entries[index];
        if (wanted->value != 0 && !note_listed(contents, directory, wanted->first, last))
            return false;
    }
    return true;
}

/* ---- contents ---- */

static bool note_all(Contents *contents, uint64_t last)
{
    Record record;
    uint64_t event = 0;
    while (event <= last && read_record(&contents->cursor, &record)) {
        if (is_event(record.tag))
            event++;
        else if (record.tag == ST_CHUNK)
            event = record.id;
        else if (is_object_record(record.tag) && !note_record(contents, &record, event))
            return false;
    }
    if (contents->cursor.error != NULL)
        raise_stream_error(&contents->cursor);
    return contents->cursor.error == NULL;
}

static PyObject *found_contents(const Contents *contents)
{
    PyObject *found = PyDict_New();
    for (size_t index = 0; found != NULL && index < contents->wanted.capacity; index++) {
        const MapEntry *entry = &contents->wanted.entries[index];
        const Track *track = entry->value != 0 ? &contents->tracks[entry->value - 1] : NULL;
        if (track == NULL || track->first == 0)
            continue;
        PyObject *id = PyLong_FromUnsignedLongLong(entry->first);
        PyObject *records = id != NULL ? decode_notes(contents, track) : NULL;
        if (records == NULL || PyDict_SetItem(found, id, records) < 0)
            Py_CLEAR(found);
        Py_XDECREF(id);
        Py_XDECREF(records);
    }
    return found;
}

PyObject *reader_contents(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 3 && count != 4) {
        PyErr_SetString(PyExc_TypeError, "contents(chunk, wanted, event[, directory])");
        return NULL;
    }
    unsigned long long last = PyLong_AsUnsignedLongLong(arguments[2]);
    if (last == (unsigned long long)-1 && PyErr_Occurred())
        return NULL;
    Contents contents = {0};
    Py_buffer chunk;
    Py_buffer directory = {0};
    if (PyObject_GetBuffer(arguments[0], &chunk, PyBUF_SIMPLE) < 0)
        return NULL;
    if (count == 4 && PyObject_GetBuffer(arguments[3], &directory, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&chunk);
        return NULL;
    }
    PyObject *found = NULL;
    contents.cursor = cursor_over(chunk.buf, (size_t)chunk.len);
    if ((size_t)chunk.len >= UINT32_MAX)
        PyErr_SetString(StreamError, "the chunk is too large");
    else if (read_wanted(arguments[1], &contents.wanted)) {
        uint64_t tracks = 1;
        for (size_t index = 0; index < contents.wanted.capacity; index++)
            if (contents.wanted.entries[index].value > tracks)
                tracks = contents.wanted.entries[index].value;
        contents.tracks = calloc(tracks, sizeof(Track));
        if (contents.tracks == NULL)
            PyErr_NoMemory();
        else if (count == 4 ? note_all_listed(&contents, &directory, last) : note_all(&contents, last))
            found = found_contents(&contents);
    }
    map_free(&contents.wanted);
    map_free(&contents.replaced);
    free(contents.tracks);
    free(contents.notes);
    if (count == 4)
        PyBuffer_Release(&directory);
    PyBuffer_Release(&chunk);
    return found;
}
