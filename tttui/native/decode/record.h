/* One record of the stream, checked as a whole and taken apart as far as most readers need it. */
#ifndef TTTUI_RECORD_H
#define TTTUI_RECORD_H

#include "cursor.h"

typedef struct {
    const uint8_t *start; /* of the record: its tag */
    const uint8_t *body;  /* where the fields begin that are not in the members below:
                           * the value of an event or variable, the FRAMEs of a STACK, the thread
                           * list of a CHUNK, CONTENT or ENTRYs or key of an object record,
                           * everything behind the id of a definition */
    uint8_t tag;          /* without its operand: EV_LINE for EV_LINE_SHORT, ST_VAR for ST_VAR_SHORT */
    uint8_t part;         /* of an object record */
    uint64_t id;          /* what it is about: object, slot, call (REENTER), code (PUSH), thread,
                           * task, type, file ...; first event (CHUNK); fd (OUTPUT); lasti+1 (RAISE ...) */
    uint64_t code;        /* REENTER; type of a NEW or SNAPSHOT; calls so far (CHUNK) */
    uint64_t caller;      /* caller's lasti+1; position (SPLICE); objects so far (CHUNK) */
    uint64_t names;       /* namespace object; deleted (SPLICE); length (RESIZE) */
    uint64_t count;       /* frames, inserted entries, parts, bytes of output; threads (CHUNK) */
    uint64_t time;        /* ns: TIME, CHUNK */
    uint64_t thread;      /* CHUNK: the current one */
    int64_t line;         /* absolute (PUSH, REENTER) or delta (events) */
} Record;

/* The fields of one FRAME; `slots` = how many (slot, value) follow at the cursor. */
typedef struct {
    uint64_t call, code, caller, names, slots;
    int64_t line;
} FrameFields;

static inline bool is_event(uint8_t tag)
{
    return tag >= EV_LINE_SHORT || (tag >= EV_LINE && tag <= EV_UNWIND);
}

/* Number of an event's kind in KINDS (reader.pyi), of a tag that `read_record` has normalised. */
static inline int kind_of(uint8_t tag)
{
    return tag - EV_LINE;
}

/* What a field "lasti+1" says: -1 is not known. It may be any number where it doesn't come from our recorder. */
static inline long long lasti_of(uint64_t field)
{
    return (long long)(field - 1);
}

/* What read_record does with the rarer kinds of records. */
bool read_longer_record(Cursor *cursor, Record *record);

/* Reads the record at the cursor, all of it; false at the end of the stream or at an error. */
static inline bool read_record(Cursor *cursor, Record *record)
{
    const uint8_t *at = cursor->at;
    if (at >= cursor->end)
        return false;
    record->start = at;
    uint8_t tag = *at;
    if (tag >= EV_LINE_SHORT) {
        cursor->at++;
        record->tag = EV_LINE;
        record->line = (int64_t)(tag & 0x7f) - 64;
        return true;
    }
    if (tag >= ST_VAR_SHORT && tag <= ST_VAR_SHORT + 0x1f) {
        cursor->at++;
        record->tag = ST_VAR;
        record->id = tag & 0x1f;
        record->body = cursor->at;
        skip_value(cursor);
        return cursor->error == NULL;
    }
    return read_longer_record(cursor, record);
}

FrameFields read_frame_fields(Cursor *cursor);
/* One ENTRY of a part. */
void skip_entry(Cursor *cursor, uint8_t part);

/* A cursor over a record's body that ends where `cursor` stands, i.e. behind the record. */
static inline Cursor body_of(const Cursor *cursor, const Record *record)
{
    Cursor body = *cursor;
    body.at = record->body;
    body.end = cursor->at;
    return body;
}

#endif
