/* Reading the stream's fields. The bytes are untrusted: a cursor never leaves them, and the first
 * thing that is wrong is kept (`error`, `error_at`) while every later read yields 0. So code that
 * reads a record needs to look at `error` only once per record, and in every loop whose count
 * comes from the stream (each round then consumes a byte or sees the error). */
#ifndef TTTUI_CURSOR_H
#define TTTUI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../stream.h"

/* Deepest nesting of a value that is read; the recorder's own limit is far below. */
#define VALUE_DEPTH 200

typedef struct {
    const uint8_t *start; /* borrowed: the caller keeps the chunk alive */
    const uint8_t *at;
    const uint8_t *end;
    const char *error; /* NULL, or a string literal */
    size_t error_at;   /* byte offset from start */
} Cursor;

static inline Cursor cursor_over(const uint8_t *start, size_t size)
{
    Cursor cursor = {.start = start, .at = start, .end = start + size};
    return cursor;
}

static inline size_t cursor_left(const Cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static inline size_t cursor_offset(const Cursor *cursor)
{
    return (size_t)(cursor->at - cursor->start);
}

/* Keep the first error; from here on there is nothing left to read. */
static inline void cursor_fail(Cursor *cursor, const char *error)
{
    if (cursor->error == NULL) {
        cursor->error = error;
        cursor->error_at = cursor_offset(cursor);
        cursor->end = cursor->at;
    }
}

static inline uint8_t read_byte(Cursor *cursor)
{
    if (cursor->at >= cursor->end) {
        cursor_fail(cursor, "ends within a record");
        return 0;
    }
    return *cursor->at++;
}

uint64_t read_long_number(Cursor *cursor);

/* u */
static inline uint64_t read_number(Cursor *cursor)
{
    if (cursor->at < cursor->end && *cursor->at < 0x80)
        return *cursor->at++;
    return read_long_number(cursor);
}

/* s */
static inline int64_t read_signed(Cursor *cursor)
{
    uint64_t number = read_number(cursor);
    return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

/* `size` bytes, NULL (and an error) where there are not that many. */
static inline const uint8_t *read_bytes(Cursor *cursor, uint64_t size)
{
    if (size > cursor_left(cursor)) {
        cursor_fail(cursor, "a length runs over the end");
        return NULL;
    }
    const uint8_t *bytes = cursor->at;
    cursor->at += size;
    return bytes;
}

/* An IEEE 754 double, from 8 bytes. */
static inline double read_double(const uint8_t *bytes)
{
    uint64_t bits = 0;
    for (int index = 7; index >= 0; index--)
        bits = bits << 8 | bytes[index];
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* A run of bytes within the stream. */
typedef struct {
    const uint8_t *bytes;
    size_t size;
} Span;

/* t, or u n and n bytes */
static inline Span read_span(Cursor *cursor)
{
    uint64_t size = read_number(cursor);
    Span span = {.bytes = read_bytes(cursor, size)};
    span.size = span.bytes != NULL ? (size_t)size : 0;
    return span;
}

void skip_compound_value(Cursor *cursor, int depth);

/* v. Most values are small ints, objects, ints or None: those are done here. */
static inline void skip_value(Cursor *cursor)
{
    uint8_t tag = cursor->at < cursor->end ? *cursor->at : V_UNBOUND;
    if (tag >= V_SMALL_INT || tag == V_NONE)
        cursor->at++;
    else if (tag == V_OBJECT || tag == V_INT) {
        cursor->at++;
        read_number(cursor);
    } else
        skip_compound_value(cursor, 0);
}

#endif
