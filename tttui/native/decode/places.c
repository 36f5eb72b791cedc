#include "places.h"

#include <stdlib.h>
#include <string.h>

/* Of larger ones keys are set and deleted by themselves; only hostile streams splice more. */
enum { MOST_PLACES = 256 };

static PlacesOf *places_of(const Places *places, const Record *record, uint8_t part)
{
    uint64_t known = map_get(&places->known, record->id, part);
    return known != 0 ? &places->of[known - 1] : NULL;
}

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

/* The places of a part of an object, with room for `length`, made where there were none. NULL without memory. */
static PlacesOf *require_places(Places *places, const Record *record, uint8_t part, uint32_t length)
{
    PlacesOf *of = places_of(places, record, part);
    if (of == NULL) {
        if (places->of_count == places->of_capacity) {
            size_t capacity = places->of_capacity * 2 + 64;
            PlacesOf *larger = realloc(places->of, capacity * sizeof *larger);
            if (larger == NULL)
                return NULL;
            places->of = larger;
            places->of_capacity = capacity;
        }
        places->of[places->of_count] = (PlacesOf){0};
        if (!map_put(&places->known, record->id, part, places->of_count + 1))
            return NULL;
        of = &places->of[places->of_count++];
    }
    if (of->capacity < length && !make_room(places, of, length))
        return NULL;
    return of;
}

static bool take_content(Places *places, const Cursor *cursor, const Record *record)
{
    map_take(&places->known, record->id, PART_PAIRS);
    map_take(&places->known, record->id, PART_ATTRIBUTES);
    Cursor body = body_of(cursor, record);
    for (uint64_t parts = record->count; parts > 0 && body.error == NULL; parts--) {
        uint8_t part = read_byte(&body);
        uint64_t length = read_number(&body), head = read_number(&body);
        PlacesOf *of = NULL;
        if (is_keyed_part(part) && head == length && length <= MOST_PLACES) {
            of = require_places(places, record, part, (uint32_t)length);
            if (of == NULL)
                return false;
            of->length = (uint32_t)length;
        }
        for (uint64_t index = 0; index < head && body.error == NULL; index++) {
            if (of != NULL)
                places->keys[of->start + index] = (uint32_t)(body.at - body.start);
            skip_entry(&body, part);
        }
        for (uint64_t tail = read_number(&body); tail > 0 && body.error == NULL; tail--)
            skip_entry(&body, part);
    }
    return true;
}

static bool take_splice(Places *places, const Cursor *cursor, const Record *record)
{
    PlacesOf *of = places_of(places, record, record->part);
    if (of == NULL)
        return true;
    uint64_t length = (uint64_t)of->length - record->names + record->count;
    if (record->caller > of->length || record->names > of->length - record->caller || record->count > MOST_PLACES
        || length > MOST_PLACES) {
        map_take(&places->known, record->id, record->part);
        return true;
    }
    if (of->capacity < length && !make_room(places, of, (uint32_t)length * 2))
        return false;
    uint32_t *at = places->keys + of->start + record->caller;
    size_t rest = of->length - record->caller - record->names;
    memmove(at + record->count, at + record->names, rest * sizeof *at);
    of->length = (uint32_t)length;
    Cursor body = body_of(cursor, record);
    for (uint64_t index = 0; index < record->count; index++) {
        at[index] = (uint32_t)(body.at - body.start);
        skip_entry(&body, record->part);
    }
    return true;
}

bool places_step(Places *places, const Cursor *cursor, const Record *record)
{
    if (record->tag == OB_NEW || record->tag == OB_SNAPSHOT)
        return take_content(places, cursor, record);
    if (record->tag == OB_DIED || !is_keyed_part(record->part))
        return true;
    if (record->tag == OB_SPLICE)
        return take_splice(places, cursor, record);
    map_take(&places->known, record->id, record->part); /* where a key was added or taken away isn't said */
    return true;
}

const uint32_t *places_deleted(const Places *places, const Record *record)
{
    const PlacesOf *of = places_of(places, record, record->part);
    if (of == NULL || record->caller > of->length || record->names > of->length - record->caller)
        return NULL;
    return places->keys + of->start + record->caller;
}

void places_free(Places *places)
{
    map_free(&places->known);
    free(places->of);
    free(places->keys);
    *places = (Places){0};
}
