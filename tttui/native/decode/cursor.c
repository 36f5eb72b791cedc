#include "cursor.h"

/* Bytes of the longest number. */
enum { LONGEST_NUMBER = 10 };

uint64_t read_long_number(Cursor *cursor)
{
    uint64_t number = 0;
    if (cursor_left(cursor) >= LONGEST_NUMBER) { /* it ends before the bytes do, if it is one */
        const uint8_t *at = cursor->at;
        for (int shift = 0; shift < 63; shift += 7) {
            uint8_t byte = *at++;
            number |= (uint64_t)(byte & 0x7f) << shift;
            if (byte < 0x80) {
                cursor->at = at;
                return number;
            }
        }
        number = 0;
    }
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = read_byte(cursor);
        if (shift == 63 && byte > 1)
            break;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return number;
    }
    cursor_fail(cursor, "a number has more than 64 bits");
    return 0;
}

static void skip_values(Cursor *cursor, uint64_t count, int depth)
{
    for (; count > 0 && cursor->error == NULL; count--)
        skip_compound_value(cursor, depth);
}

/* Moves past one value of any kind. */
void skip_compound_value(Cursor *cursor, int depth)
{
    if (depth > VALUE_DEPTH) {
        cursor_fail(cursor, "values are nested too deeply");
        return;
    }
    uint8_t tag = read_byte(cursor);
    if (tag >= V_SMALL_INT)
        return;
    switch (tag) {
    case V_UNBOUND:
    case V_NONE:
    case V_TRUE:
    case V_FALSE:
    case V_ELLIPSIS:
    case V_NOTIMPLEMENTED:
    case V_REDACTED:
        return;
    case V_INT:
    case V_TEXT:
    case V_OBJECT:
    case V_OPAQUE:
    case V_DEEP:
    case V_NULLTEXT:
        read_number(cursor);
        return;
    case V_BIGINT:
        read_byte(cursor);
        read_span(cursor);
        return;
    case V_BIGINT_CUT:
        read_byte(cursor);
        read_number(cursor);
        return;
    case V_FLOAT:
        read_bytes(cursor, 8);
        return;
    case V_COMPLEX:
        read_bytes(cursor, 16);
        return;
    case V_STR:
    case V_BYTES:
        read_span(cursor);
        return;
    case V_TEXT_CUT:
        read_number(cursor);
        read_number(cursor);
        return;
    case V_NAMED:
        read_number(cursor);
        /* fall through */
    case V_TUPLE:
    case V_FROZENSET:
        read_number(cursor);
        skip_values(cursor, read_number(cursor), depth + 1);
        return;
    case V_RANGE:
    case V_SLICE:
        skip_values(cursor, 3, depth + 1);
        return;
    case V_LABEL:
    case V_REPR:
        read_number(cursor);
        read_span(cursor);
        return;
    default:
        cursor->at--;
        cursor_fail(cursor, "there is no such kind of value");
    }
}
