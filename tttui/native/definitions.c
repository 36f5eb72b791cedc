/* Names and long texts: what the stream, as types (types.c), defines once and then refers to by number. What is
 * met in the middle of a record is queued and written behind it, before the event is published. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

enum { PENDING_OBJECT, PENDING_TYPE, PENDING_NAME, PENDING_TEXT, PENDING_CHECK };

static bool enqueue(uint8_t kind, uint32_t id, void *what, uint64_t extra)
{
    if (UNLIKELY(R.queue_count == R.queue_capacity)) {
        size_t capacity = R.queue_capacity ? R.queue_capacity * 2 : 256;
        Pending *queue = realloc(R.queue, capacity * sizeof(Pending));
        if (queue == NULL) {
            return false;
        }
        R.queue = queue;
        R.queue_capacity = capacity;
    }
    R.queue[R.queue_count++] = (Pending){kind, id, what, extra};
    return true;
}

/* ---- texts ---- */

/* UTF-8 ("surrogatepass") bytes of characters in one of PyUnicode_KIND's widths; returns how many bytes. */
static size_t encode_characters(int kind, const void *data, Py_ssize_t characters, uint8_t *out)
{
    uint8_t *p = out;
    for (Py_ssize_t i = 0; i < characters; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c < 0x80) {
            *p++ = (uint8_t)c;
        }
        else if (c < 0x800) {
            *p++ = (uint8_t)(0xc0 | c >> 6);
            *p++ = (uint8_t)(0x80 | (c & 0x3f));
        }
        else if (c < 0x10000) {
            *p++ = (uint8_t)(0xe0 | c >> 12);
            *p++ = (uint8_t)(0x80 | ((c >> 6) & 0x3f));
            *p++ = (uint8_t)(0x80 | (c & 0x3f));
        }
        else {
            *p++ = (uint8_t)(0xf0 | c >> 18);
            *p++ = (uint8_t)(0x80 | ((c >> 12) & 0x3f));
            *p++ = (uint8_t)(0x80 | ((c >> 6) & 0x3f));
            *p++ = (uint8_t)(0x80 | (c & 0x3f));
        }
    }
    return (size_t)(p - out);
}

/* The same of the first characters of a str. */
static size_t encode_text(PyObject *text, Py_ssize_t characters, uint8_t *out)
{
    if (PyUnicode_IS_ASCII(text)) {
        memcpy(out, PyUnicode_DATA(text), (size_t)characters);
        return (size_t)characters;
    }
    return encode_characters(PyUnicode_KIND(text), PyUnicode_DATA(text), characters, out);
}

/* t: the whole text, its length put in front once it is known. At most 16,000 characters. */
static void put_text(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (length > 16000) {
        length = 16000;
    }
    if (PyUnicode_IS_ASCII(text)) {
        put_unsigned((uint64_t)length);
        put_bytes(PyUnicode_DATA(text), (size_t)length);
        return;
    }
    uint8_t *start = R.cursor + 5;
    size_t count = encode_text(text, length, start);
    put_unsigned(count);
    memmove(R.cursor, start, count);
    R.cursor += count;
}

static void put_c_text(const char *text)
{
    size_t count = strlen(text);
    if (count > 4096) {
        count = 4096;
    }
    put_unsigned(count);
    put_bytes(text, count);
}

/* Texts seen lately, by fingerprint: direct mapped, so that its size is bounded. */
#define TEXT_CACHE 16384
typedef struct {
    uint64_t hash;
    uint32_t id;
    uint32_t characters;
} SeenText;
static SeenText *seen_texts;
/* A part of each hash: where most texts are new ones they are told by this alone, which the processor's caches hold. */
static uint8_t seen_tags[TEXT_CACHE];

static uint32_t text_id(PyObject *object, uint64_t hash, Py_ssize_t characters)
{
    size_t place = hash & (TEXT_CACHE - 1);
    uint8_t tag = (uint8_t)(hash >> 56) | 1;
    SeenText *seen = &seen_texts[place];
    if (seen_tags[place] == tag && seen->hash == hash && seen->characters == (uint32_t)characters) {
        return seen->id;
    }
    uint32_t id = ++R.text_count;
    if (!enqueue(PENDING_TEXT, id, object, (uint64_t)characters)) {
        return 0;
    }
    seen_tags[place] = tag;
    *seen = (SeenText){hash, id, (uint32_t)characters};
    return id;
}

static void put_text_definition(const Pending *item)
{
    PyObject *object = item->what;
    Py_ssize_t characters = (Py_ssize_t)item->extra;
    put_byte(DEF_TEXT);
    put_unsigned(item->id);
    if (PyUnicode_Check(object)) {
        put_byte(0);
        uint8_t *start = R.cursor + 5;
        size_t count = encode_text(object, characters, start);
        put_unsigned(count);
        memmove(R.cursor, start, count);
        R.cursor += count;
    }
    else {
        const char *bytes = PyBytes_Check(object) ? PyBytes_AS_STRING(object) : PyByteArray_AS_STRING(object);
        put_byte(1);
        put_unsigned((uint64_t)characters);
        put_bytes(bytes, (size_t)characters);
    }
}

/* ---- attribute names ---- */

typedef struct {
    uint64_t hash;
    uint32_t id;
} SeenName;
static SeenName *seen_names;
static size_t name_capacity;

static uint64_t hash_text(PyObject *text, Py_ssize_t characters)
{
    return hash_bytes(PyUnicode_DATA(text), (size_t)(characters * PyUnicode_KIND(text)),
                      (uint64_t)PyUnicode_KIND(text));
}

static uint32_t name_id(PyObject *name)
{
    uint64_t hash = (uint64_t)((PyASCIIObject *)name)->hash;
    if (hash == (uint64_t)-1) {
        hash = hash_text(name, PyUnicode_GET_LENGTH(name)) | 1;
    }
    if (R.name_count * 2 >= name_capacity) {
        size_t capacity = name_capacity ? name_capacity * 2 : 1024;
        SeenName *names = calloc(capacity, sizeof(SeenName));
        if (names == NULL) {
            return 0;
        }
        for (size_t i = 0; i < name_capacity; i++) {
            if (seen_names[i].id) {
                size_t place = seen_names[i].hash & (capacity - 1);
                while (names[place].id) {
                    place = (place + 1) & (capacity - 1);
                }
                names[place] = seen_names[i];
            }
        }
        free(seen_names);
        seen_names = names;
        name_capacity = capacity;
    }
    size_t place = hash & (name_capacity - 1);
    while (seen_names[place].id) {
        if (seen_names[place].hash == hash) {
            return seen_names[place].id;
        }
        place = (place + 1) & (name_capacity - 1);
    }
    uint32_t id = ++R.name_count;
    seen_names[place] = (SeenName){hash, id};
    enqueue(PENDING_NAME, id, name, 0);
    return id;
}
