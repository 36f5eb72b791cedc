#include "places.h"

#include <stdlib.h>
#include <string.h>

/* Of larger ones keys are set and deleted by themselves; only hostile streams splice more. */
enum { MOST_PLACES = 256 };

/* Room for so many places of an object, in new memory; false without. */
static bool make_room(Places *places, PlacesOf *of, uint32_t capacity)
{
    if (places->key_count + capacity > places->key_capacity) {
        size_t larger = places->key_capacity * 2 + capacity + 1024;
        uint32_t *keys = realloc(places->keys, larger * sizeof *keys);
        if (keys == NULL)
            return false;
        places->keys = keys;
        places->key_capacity = larger;
    }
    if (of->length != 0)
        memcpy(places->keys + places->key_count, places->keys + of->start, of->length * sizeof *places->keys);
    of->start = places->key_count;
    of->capacity = capacity;
    places->key_count += capacity;
    return true;
}

/* The places of the record's part of its object, empty where they are new. NULL without memory. */
static PlacesOf *require_places(Places *places, const Record *record)
{
    uint64_t index = map_get(&places->indices, record->id, record->part);
    if (index != 0)
        return &places->of[index - 1];
    if (places->of_count == places->of_capacity) {
        size_t capacity = places->of_capacity * 2 + 64;
        PlacesOf *larger = realloc(places->of, capacity * sizeof *larger);
        if (larger == NULL)
            return NULL;
        places->of = larger;
        places->of_capacity = capacity;
    }
    if (!map_put(&places->indices, record->id, record->part, places->of_count + 1))
        return NULL;
    places->of[places->of_count] = (PlacesOf){0};
    return &places->of[places->of_count++];
}

/* Reads the places from the whole content; false without memory. */
static bool read_content(Places *places, PlacesOf *of, const Cursor *cursor, uint8_t wanted)
{
    Cursor at = *cursor;
    at.at = at.start + of->whole - 1;
    Record content;
    of->known = false;
    of->length = 0;
    if (!read_record(&at, &content))
        return true;
    Cursor body = body_of(&at, &content);
    for (uint64_t parts = content.count; parts > 0 && body.error == NULL; parts--) {
        uint8_t part = read_byte(&body);
        uint64_t length = read_number(&body), head = read_number(&body);
        if (part == wanted && head == length && length <= MOST_PLACES) {
            if (of->capacity < length && !make_room(places, of, (uint32_t)length))
                return false;
            for (uint32_t index = 0; index < length; index++) {
                places->keys[of->start + index] = (uint32_t)(body.at - body.start);
                skip_entry(&body, part);
            }
            of->length = (uint32_t)length;
            of->known = true;
            return true;
        }
        for (; head > 0 && body.error == NULL; head--)
            skip_entry(&body, part);
        for (uint64_t tail = read_number(&body); tail > 0 && body.error == NULL; tail--)
            skip_entry(&body, part);
        if (part == wanted)
            return true;
    }
    of->known = true; /* there is no such part: it is empty so far */
    return true;
}

/* The places of the record's part of its object as they are now, NULL where they are not known or without memory. */
static PlacesOf *places_of(Places *places, const Cursor *cursor, const Record *record)
{
    uint64_t whole = map_get(&places->whole, record->id, 0);
    if (whole == 0 || !is_keyed_part(record->part))
        return NULL;
    PlacesOf *of = require_places(places, record);
    if (of == NULL)
        return NULL;
    if (of->whole != whole) {
        of->whole = whole;
        if (!read_content(places, of, cursor, record->part))
            of->known = false;
    }
    return of->known ? of : NULL;
}

static void take_splice(Places *places, const Cursor *cursor, const Record *record)
{
    PlacesOf *of = places_of(places, cursor, record);
    if (of == NULL)
        return;
    uint64_t length = (uint64_t)of->length - record->names + record->count;
    if (record->caller > of->length || record->names > of->length - record->caller || record->count > MOST_PLACES
        || length > MOST_PLACES || (of->capacity < length && !make_room(places, of, (uint32_t)length * 2))) {
        of->known = false;
        return;
    }
    uint32_t *at = places->keys + of->start + record->caller;
    size_t rest = of->length - record->caller - record->names;
    memmove(at + record->count, at + record->names, rest * sizeof *at);
    of->length = (uint32_t)length;
    Cursor body = body_of(cursor, record);
    for (uint64_t index = 0; index < record->count; index++) {
        at[index] = (uint32_t)(body.at - body.start);
        skip_entry(&body, record->part);
    }
}

bool places_step(Places *places, const Cursor *cursor, const Record *record)
{
    if (record->tag == OB_NEW || record->tag == OB_SNAPSHOT)
        return map_put(&places->whole, record->id, 0, (uint64_t)(record->start - cursor->start) + 1);
    if (record->tag == OB_DIED || !is_keyed_part(record->part))
        return true;
    if (record->tag == OB_SPLICE)
        take_splice(places, cursor, record);
    else
        map_take(&places->whole, record->id, 0); /* where a key was added or taken away isn't said */
    return true;
}

const uint32_t *places_deleted(Places *places, const Cursor *cursor, const Record *record)
{
    const PlacesOf *of = places_of(places, cursor, record);
    if (of == NULL || record->caller > of->length || record->names > of->length - record->caller)
        return NULL;
    return places->keys + of->start + record->caller;
}

void places_free(Places *places)
{
    map_free(&places->whole);
    map_free(&places->indices);
    free(places->of);
    free(places->keys);
    *places = (Places){0};
}
