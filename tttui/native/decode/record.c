#include "record.h"

FrameFields read_frame_fields(Cursor *cursor)
{
    FrameFields frame;
    frame.call = read_number(cursor);
    frame.code = read_number(cursor);
    frame.line = read_signed(cursor);
    frame.caller = read_number(cursor);
    frame.names = read_number(cursor);
    frame.slots = read_number(cursor);
    return frame;
}

static void skip_frames(Cursor *cursor, uint64_t count)
{
    for (; count > 0 && cursor->error == NULL; count--) {
        FrameFields frame = read_frame_fields(cursor);
        for (; frame.slots > 0 && cursor->error == NULL; frame.slots--) {
            read_number(cursor);
            skip_value(cursor);
        }
    }
}

void skip_entry(Cursor *cursor, uint8_t part)
{
    if (part == PART_ATTRIBUTES)
        read_number(cursor);
    else if (part == PART_PAIRS)
        skip_value(cursor);
    skip_value(cursor);
}

static void skip_entries(Cursor *cursor, uint8_t part, uint64_t count)
{
    for (; count > 0 && cursor->error == NULL; count--)
        skip_entry(cursor, part);
}

static uint8_t read_part(Cursor *cursor)
{
    uint8_t part = read_byte(cursor);
    if (part > PART_ARRAY) {
        cursor->at--;
        cursor_fail(cursor, "there is no such part of an object");
    }
    return part;
}

static void skip_content(Cursor *cursor, uint64_t parts)
{
    for (; parts > 0 && cursor->error == NULL; parts--) {
        uint8_t part = read_part(cursor);
        read_number(cursor);
        skip_entries(cursor, part, read_number(cursor));
        skip_entries(cursor, part, read_number(cursor));
    }
}

static void read_object_record(Cursor *cursor, Record *record)
{
    record->id = read_number(cursor);
    switch (record->tag) {
    case OB_NEW:
    case OB_SNAPSHOT:
        record->code = read_number(cursor);
        record->count = read_number(cursor);
        record->body = cursor->at;
        skip_content(cursor, record->count);
        return;
    case OB_SPLICE:
        record->part = read_part(cursor);
        record->caller = read_number(cursor);
        record->names = read_number(cursor);
        record->count = read_number(cursor);
        record->body = cursor->at;
        skip_entries(cursor, record->part, record->count);
        return;
    case OB_SETKEY:
        record->part = read_part(cursor);
        record->body = cursor->at;
        skip_value(cursor);
        skip_value(cursor);
        return;
    case OB_DELKEY:
        record->part = read_part(cursor);
        record->body = cursor->at;
        skip_value(cursor);
        return;
    case OB_RESIZE:
        record->part = read_part(cursor);
        record->names = read_number(cursor);
        return;
    default: /* OB_DIED */
        return;
    }
}

static void skip_code(Cursor *cursor)
{
    read_number(cursor); /* file */
    read_span(cursor);   /* name */
    read_span(cursor);   /* qualified name */
    for (int field = 0; field < 5; field++)
        read_number(cursor); /* first line, flags, argcount, posonly, kwonly */
    for (uint64_t slots = read_number(cursor); slots > 0 && cursor->error == NULL; slots--) {
        read_span(cursor);
        read_byte(cursor);
    }
    read_span(cursor); /* line table */
    for (uint64_t units = read_number(cursor); units > 0 && cursor->error == NULL; units--)
        read_number(cursor);
}

static void read_definition(Cursor *cursor, Record *record)
{
    record->id = read_number(cursor);
    record->body = cursor->at;
    switch (record->tag) {
    case DEF_TYPE:
        read_span(cursor);
        read_span(cursor);
        read_byte(cursor);
        return;
    case DEF_FILE:
        read_span(cursor);
        read_byte(cursor);
        return;
    case DEF_CODE:
        skip_code(cursor);
        return;
    case DEF_TEXT:
        read_byte(cursor);
        read_span(cursor);
        return;
    case DEF_THREAD:
        read_number(cursor);
        read_span(cursor);
        return;
    default: /* DEF_SOURCE, DEF_NAME, DEF_TASK: one text or run of bytes */
        read_span(cursor);
        return;
    }
}

static void read_chunk(Cursor *cursor, Record *record)
{
    record->id = read_number(cursor);
    record->code = read_number(cursor);
    record->caller = read_number(cursor);
    record->time = read_number(cursor);
    record->thread = read_number(cursor);
    record->count = read_number(cursor);
    record->body = cursor->at;
    for (uint64_t threads = record->count; threads > 0 && cursor->error == NULL; threads--) {
        read_number(cursor);
        read_number(cursor);
        skip_frames(cursor, read_number(cursor));
    }
}

bool read_longer_record(Cursor *cursor, Record *record)
{
    const uint8_t *start = cursor->at;
    uint8_t tag = *cursor->at++;
    record->tag = tag;
    record->body = cursor->at;
    switch (tag) {
    case EV_LINE:
        record->line = read_signed(cursor);
        break;
    case EV_CALL:
    case EV_RESUME:
    case ST_LOOSE:
    case ST_FOREIGN:
        break;
    case EV_RETURN:
    case EV_YIELD:
    case EV_THROW:
        skip_value(cursor);
        break;
    case EV_RAISE:
    case EV_RERAISE:
    case EV_HANDLED:
    case EV_UNWIND:
        record->id = read_number(cursor);
        record->line = read_signed(cursor);
        record->body = cursor->at;
        skip_value(cursor);
        break;
    case ST_VAR:
        record->id = read_number(cursor);
        record->body = cursor->at;
        skip_value(cursor);
        break;
    case ST_PUSH:
        record->id = read_number(cursor);
        record->line = read_signed(cursor);
        record->caller = read_number(cursor);
        record->names = read_number(cursor);
        break;
    case ST_REENTER:
        record->id = read_number(cursor);
        record->code = read_number(cursor);
        record->line = read_signed(cursor);
        record->caller = read_number(cursor);
        record->names = read_number(cursor);
        break;
    case ST_STACK:
        record->count = read_number(cursor);
        record->body = cursor->at;
        skip_frames(cursor, record->count);
        break;
    case ST_THREAD:
    case ST_TASK:
        record->id = read_number(cursor);
        break;
    case ST_TIME:
        record->time = read_number(cursor);
        break;
    case ST_OUTPUT:
        record->id = read_number(cursor);
        record->count = read_number(cursor);
        record->body = cursor->at;
        read_bytes(cursor, record->count);
        break;
    case ST_GAP:
        record->id = read_byte(cursor);
        record->count = read_number(cursor);
        break;
    case ST_CHUNK:
        if (record->start != cursor->start)
            cursor_fail(cursor, "a second CHUNK record");
        else
            read_chunk(cursor, record);
        break;
    case OB_NEW:
    case OB_SNAPSHOT:
    case OB_SPLICE:
    case OB_SETKEY:
    case OB_DELKEY:
    case OB_RESIZE:
    case OB_DIED:
        read_object_record(cursor, record);
        break;
    case DEF_TYPE:
    case DEF_FILE:
    case DEF_SOURCE:
    case DEF_CODE:
    case DEF_NAME:
    case DEF_TEXT:
    case DEF_THREAD:
    case DEF_TASK:
        read_definition(cursor, record);
        break;
    default:
        cursor->at = start;
        cursor_fail(cursor, "there is no such kind of record");
        break;
    }
    return cursor->error == NULL;
}
