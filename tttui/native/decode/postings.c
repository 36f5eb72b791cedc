/* Postings: what is in a chunk, so that a search opens only the chunks that matter.
 *
 *   u POSTINGS_FORMAT, b flags (HAS_*), then four sections, each u size and that many bytes:
 *   threads, tasks, objects: a SET
 *   codes: for each code in order: u its id - the one before, u size of what follows:
 *          u size, SET of its lines; SET of its variables' slots
 *   SET = blocks of up to 64 ids in order: u last id of the block - the last of the block before,
 *         u size, then the block's ids but the last, each - the one before (or the last of the
 *         block before)
 * Lines are zigzag-mapped. So a look-up decodes one block and jumps over the rest.
 */
#include "../reader.h"

#include <stdlib.h>
#include <string.h>

enum { POSTINGS_FORMAT = 1, BLOCK = 64 };
enum { HAS_RAISE = 1, HAS_OUTPUT = 2, HAS_LOOSE = 4 };

void put_bytes(Bytes *out, const void *bytes, size_t size)
{
    if (size > out->capacity - out->size) {
        size_t capacity = out->capacity * 2 > out->size + size + 64 ? out->capacity * 2 : out->size + size + 64;
        uint8_t *grown = realloc(out->bytes, capacity);
        if (grown == NULL) {
            out->out_of_memory = true;
            return;
        }
        out->bytes = grown;
        out->capacity = capacity;
    }
    if (size != 0)
        memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

void put_number(Bytes *out, uint64_t number)
{
    uint8_t bytes[10];
    size_t size = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[size++] = (uint8_t)(number | 0x80);
    bytes[size++] = (uint8_t)number;
    put_bytes(out, bytes, size);
}

/* u size and the bytes of `section`, which is emptied for its next use. */
static void put_section(Bytes *out, Bytes *section)
{
    put_number(out, section->size);
    put_bytes(out, section->bytes, section->size);
    out->out_of_memory |= section->out_of_memory;
    section->size = 0;
}

/* The `count` ids at entries[..].first (or .second), in order, as a SET. */
static void put_set(Bytes *out, const MapEntry *entries, size_t count, bool second)
{
    Bytes block = {0};
    uint64_t previous = 0;
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t last = (start + BLOCK < count ? start + BLOCK : count) - 1;
        uint64_t id, before = previous;
        for (size_t index = start; index < last; index++) {
            id = second ? entries[index].second : entries[index].first;
            put_number(&block, id - before);
            before = id;
        }
        id = second ? entries[last].second : entries[last].first;
        put_number(out, id - previous);
        put_section(out, &block);
        previous = id;
    }
    out->out_of_memory |= block.out_of_memory;
    free(block.bytes);
}

static void put_map(Bytes *out, Map *map, Bytes *section)
{
    put_set(section, map->entries, map_sort(map), false);
    put_section(out, section);
}

/* How many of the entries from `start` belong to `code`. */
static size_t run_of(const MapEntry *entries, size_t start, size_t count, uint64_t code)
{
    size_t stop = start;
    while (stop < count && entries[stop].first == code)
        stop++;
    return stop - start;
}

static void put_codes(Bytes *out, Postings *postings)
{
    size_t codes = map_sort(&postings->codes);
    size_t lines = map_sort(&postings->lines), variables = map_sort(&postings->variables);
    size_t line = 0, variable = 0;
    uint64_t previous = 0;
    Bytes entry = {0}, set = {0};
    for (size_t index = 0; index < codes; index++) {
        uint64_t code = postings->codes.entries[index].first;
        size_t its_lines = run_of(postings->lines.entries, line, lines, code);
        size_t its_variables = run_of(postings->variables.entries, variable, variables, code);
        put_set(&set, postings->lines.entries + line, its_lines, true);
        put_section(&entry, &set);
        put_set(&entry, postings->variables.entries + variable, its_variables, true);
        put_number(out, code - previous);
        put_section(out, &entry);
        line += its_lines;
        variable += its_variables;
        previous = code;
    }
    out->out_of_memory |= entry.out_of_memory || set.out_of_memory;
    free(entry.bytes);
    free(set.bytes);
}

void encode_postings(Postings *postings, Bytes *out)
{
    uint8_t flags = (uint8_t)((postings->raised ? HAS_RAISE : 0) | (postings->output ? HAS_OUTPUT : 0)
                              | (postings->loose ? HAS_LOOSE : 0));
    Bytes section = {0};
    put_number(out, POSTINGS_FORMAT);
    put_bytes(out, &flags, 1);
    put_map(out, &postings->threads, &section);
    put_map(out, &postings->tasks, &section);
    put_map(out, &postings->objects, &section);
    put_codes(&section, postings);
    put_section(out, &section);
    out->out_of_memory |= section.out_of_memory;
    free(section.bytes);
}

void postings_free(Postings *postings)
{
    map_free(&postings->lines);
    map_free(&postings->variables);
    map_free(&postings->codes);
    map_free(&postings->objects);
    map_free(&postings->threads);
    map_free(&postings->tasks);
}

/* ---- looking up ---- */

static Cursor read_section(Cursor *cursor)
{
    Span section = read_span(cursor);
    Cursor inner = *cursor;
    if (cursor->error == NULL) {
        inner.at = section.bytes;
        inner.end = section.bytes + section.size;
    }
    return inner;
}

static bool set_holds(Cursor *set, uint64_t wanted)
{
    uint64_t last = 0;
    while (set->at < set->end) {
        uint64_t id = last;
        last += read_number(set);
        Cursor block = read_section(set);
        if (set->error != NULL || last == wanted)
            return set->error == NULL;
        if (last < wanted)
            continue;
        while (block.at < block.end) {
            id += read_number(&block);
            if (block.error != NULL)
                cursor_fail(set, block.error);
            if (id >= wanted)
                return id == wanted && set->error == NULL;
        }
        return false;
    }
    return false;
}

/* Appends those of the ids in `wanted`, a list in ascending order, that the set holds to `held`: one pass, in which
 * blocks without any are jumped over. False with an exception, or with the cursor's error. */
static bool collect_held(Cursor *set, PyObject *wanted, PyObject *held)
{
    Py_ssize_t next = 0;
    uint64_t last = 0;
    while (next < PyList_GET_SIZE(wanted) && set->at < set->end) {
        uint64_t id = last;
        last += read_number(set);
        Cursor block = read_section(set);
        if (set->error != NULL)
            return false;
        for (; next < PyList_GET_SIZE(wanted); next++) {
            PyObject *one = PyList_GET_ITEM(wanted, next);
            uint64_t number = PyLong_AsUnsignedLongLong(one);
            if (number == UINT64_MAX && PyErr_Occurred())
                return false;
            if (number > last)
                break;
            while (id < number && block.error == NULL)
                id = block.at < block.end ? id + read_number(&block) : last;
            if (block.error != NULL)
                cursor_fail(set, block.error);
            if (block.error != NULL || (id == number && PyList_Append(held, one) < 0))
                return false;
        }
    }
    return true;
}

/* The cursor over what the postings hold of a code; false where there is none. */
static bool find_code(Cursor *codes, uint64_t wanted, Cursor *found)
{
    uint64_t code = 0;
    while (codes->at < codes->end) {
        code += read_number(codes);
        *found = read_section(codes);
        if (codes->error != NULL || code >= wanted)
            return codes->error == NULL && code == wanted;
    }
    return false;
}

static bool code_holds(Cursor *codes, uint64_t code, bool lines, uint64_t wanted)
{
    Cursor entry;
    if (!find_code(codes, code, &entry))
        return false;
    Cursor its_lines = read_section(&entry);
    Cursor *set = lines ? &its_lines : &entry;
    bool holds = set_holds(set, wanted);
    if (set->error != NULL)
        cursor_fail(codes, set->error);
    return holds;
}

static PyObject *answer(const Cursor *cursor, bool holds)
{
    return cursor->error != NULL ? raise_stream_error(cursor) : PyBool_FromLong(holds);
}

static PyObject *lookup(Cursor *cursor, const char *what, const uint64_t *key, Py_ssize_t keys)
{
    if (read_number(cursor) != POSTINGS_FORMAT)
        cursor_fail(cursor, "these are no postings");
    uint8_t flags = read_byte(cursor);
    Cursor threads = read_section(cursor);
    Cursor tasks = read_section(cursor);
    Cursor objects = read_section(cursor);
    Cursor codes = read_section(cursor);
    Cursor found;
    if (cursor->error != NULL)
        return raise_stream_error(cursor);
    if (keys == 0 && strcmp(what, "raise") == 0)
        return PyBool_FromLong(flags & HAS_RAISE);
    if (keys == 0 && strcmp(what, "output") == 0)
        return PyBool_FromLong(flags & HAS_OUTPUT);
    if (keys == 0 && strcmp(what, "loose") == 0)
        return PyBool_FromLong(flags & HAS_LOOSE);
    if (keys == 1 && strcmp(what, "thread") == 0)
        return answer(&threads, set_holds(&threads, key[0]));
    if (keys == 1 && strcmp(what, "task") == 0)
        return answer(&tasks, set_holds(&tasks, key[0]));
    if (keys == 1 && strcmp(what, "object") == 0)
        return answer(&objects, set_holds(&objects, key[0]));
    if (keys == 1 && strcmp(what, "code") == 0)
        return answer(&codes, find_code(&codes, key[0], &found));
    if (keys == 2 && strcmp(what, "line") == 0)
        return answer(&codes, code_holds(&codes, key[0], true, key[1] << 1 ^ (key[1] >> 63 ? UINT64_MAX : 0)));
    if (keys == 2 && strcmp(what, "variable") == 0)
        return answer(&codes, code_holds(&codes, key[0], false, key[1]));
    return PyErr_Format(PyExc_ValueError, "postings have no \"%s\" by %zd numbers", what, keys);
}

PyObject *reader_index_lookup(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    if (count < 2 || count > 4) {
        PyErr_SetString(PyExc_TypeError, "index_lookup(index, what, *key) with up to two numbers");
        return NULL;
    }
    const char *what = PyUnicode_AsUTF8(arguments[1]);
    if (what == NULL)
        return NULL;
    uint64_t key[2] = {0, 0};
    for (Py_ssize_t index = 2; index < count; index++) {
        long long number = PyLong_AsLongLong(arguments[index]);
        if (number == -1 && PyErr_Occurred())
            return NULL;
        key[index - 2] = (uint64_t)number;
    }
    Py_buffer postings;
    if (PyObject_GetBuffer(arguments[0], &postings, PyBUF_SIMPLE) < 0)
        return NULL;
    Cursor cursor = cursor_over(postings.buf, (size_t)postings.len);
    PyObject *result = lookup(&cursor, what, key, count - 2);
    PyBuffer_Release(&postings);
    return result;
}

PyObject *reader_index_objects(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    (void)module;
    if (count != 2 || !PyList_Check(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "index_objects(index, a list of ids)");
        return NULL;
    }
    Py_buffer postings;
    if (PyObject_GetBuffer(arguments[0], &postings, PyBUF_SIMPLE) < 0)
        return NULL;
    Cursor cursor = cursor_over(postings.buf, (size_t)postings.len);
    PyObject *held = PyList_New(0);
    if (read_number(&cursor) != POSTINGS_FORMAT)
        cursor_fail(&cursor, "these are no postings");
    read_byte(&cursor);
    read_section(&cursor);  /* threads */
    read_section(&cursor);  /* tasks */
    Cursor objects = read_section(&cursor);
    if (cursor.error != NULL)
        objects = cursor;
    if (held != NULL && (objects.error != NULL || !collect_held(&objects, arguments[1], held))) {
        Py_CLEAR(held);
        if (objects.error != NULL)
            raise_stream_error(&objects);
    }
    PyBuffer_Release(&postings);
    return held;
}
