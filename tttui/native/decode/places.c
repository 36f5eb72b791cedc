#include "places.h"

#include <stdlib.h>
#include <string.h>

/* Of larger ones keys are set and deleted by themselves; only hostile streams splice more. */
enum { MOST_PLACES = 256 };

static bool is_placed(const Places *places, uint8_t part)
{
    switch (part) {
    case PART_PAIRS:
        return !places->without_pairs;
    case PART_ATTRIBUTES:
        return !places->without_attributes;
    default:
        return part == PART_ITEMS && places->items;
    }
}

/* An object, NULL where nothing was written of it in this chunk. */
static PlacesOfObject *object_of(Places *places, uint64_t object)
{
    if (places->last != object) {
        places->last = object;
        places->last_index = (size_t)map_get(&places->index_of, object, 0);
    }
    return places->last_index != 0 ? &places->of[places->last_index - 1] : NULL;
}

/* The same, made where there was none; NULL without memory. */
static PlacesOfObject *require_object(Places *places, uint64_t object)
{
    PlacesOfObject *known = object_of(places, object);
    if (known != NULL)
        return known;
    if (places->of_count == places->of_capacity) {
        size_t capacity = places->of_capacity * 2 + 64;
        PlacesOfObject *larger = realloc(places->of, capacity * sizeof *larger);
        if (larger == NULL)
            return NULL;
        places->of = larger;
        places->of_capacity = capacity;
    }
    if (!map_put(&places->index_of, object, 0, places->of_count + 1))
        return NULL;
    places->of[places->of_count] = (PlacesOfObject){0};
    places->last_index = ++places->of_count;
    return &places->of[places->of_count - 1];
}

/* Room for so many places of an object, in new memory; false without. */
static bool make_room(Places *places, PlacesOf *of, uint32_t capacity)
{
    if (places->entry_count + capacity > places->entry_capacity) {
        size_t larger = places->entry_capacity * 2 + capacity + 1024;
        uint32_t *entries = realloc(places->entries, larger * sizeof *entries);
        if (entries == NULL)
            return false;
        places->entries = entries;
        places->entry_capacity = larger;
    }
    if (of->length != 0)
        memcpy(places->entries + places->entry_count, places->entries + of->start, of->length * sizeof *places->entries);
    of->start = places->entry_count;
    of->capacity = capacity;
    places->entry_count += capacity;
    return true;
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
                places->entries[of->start + index] = (uint32_t)(body.at - body.start);
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

/* The places of a part of an object as they are now, NULL where they are not known or without memory. */
static PlacesOf *places_of(Places *places, const Cursor *cursor, uint64_t object, uint8_t part)
{
    PlacesOfObject *facts = object_of(places, object);
    if (facts == NULL || facts->whole == 0)
        return NULL;
    PlacesOf *of = &facts->parts[part];
    if (of->whole != facts->whole) {
        of->whole = facts->whole;
        if (!read_content(places, of, cursor, part))
            of->known = false;
    }
    return of->known ? of : NULL;
}

static void take_splice(Places *places, const Cursor *cursor, const Record *record)
{
    PlacesOf *of = places_of(places, cursor, record->id, record->part);
    if (of == NULL)
        return;
    uint64_t length = (uint64_t)of->length - record->names + record->count;
    if (record->caller > of->length || record->names > of->length - record->caller || record->count > MOST_PLACES
        || length > MOST_PLACES || (of->capacity < length && !make_room(places, of, (uint32_t)length * 2))) {
        of->known = false;
        return;
    }
    uint32_t *at = places->entries + of->start + record->caller;
    size_t rest = of->length - record->caller - record->names;
    if (record->count != record->names)
        memmove(at + record->count, at + record->names, rest * sizeof *at);
    of->length = (uint32_t)length;
    Cursor body = body_of(cursor, record);
    for (uint64_t index = 0; index < record->count; index++) {
        at[index] = (uint32_t)(body.at - body.start);
        if (index + 1 < record->count)
            skip_entry(&body, record->part);
    }
}

bool places_step(Places *places, const Cursor *cursor, const Record *record)
{
    if (record->tag == OB_NEW || record->tag == OB_SNAPSHOT) {
        PlacesOfObject *facts = require_object(places, record->id);
        if (facts != NULL)
            facts->whole = (uint32_t)(record->start - cursor->start) + 1;
        return facts != NULL;
    }
    if (record->tag == OB_DIED || !is_placed(places, record->part))
        return true;
    if (record->tag == OB_SPLICE)
        take_splice(places, cursor, record);
    else {
        /* Where a key was added or taken away isn't said. */
        PlacesOfObject *facts = object_of(places, record->id);
        if (facts != NULL)
            facts->whole = 0;
    }
    return true;
}

const uint32_t *places_deleted(Places *places, const Cursor *cursor, const Record *record)
{
    const PlacesOf *of = is_placed(places, record->part) ? places_of(places, cursor, record->id, record->part) : NULL;
    if (of == NULL || record->caller > of->length || record->names > of->length - record->caller)
        return NULL;
    return places->entries + of->start + record->caller;
}

const uint32_t *places_items(Places *places, const Cursor *cursor, uint64_t object, uint32_t *length)
{
    static const uint32_t nothing[1] = {0};
    const PlacesOf *of = places_of(places, cursor, object, PART_ITEMS);
    if (of == NULL)
        return NULL;
    *length = of->length;
    return of->length != 0 ? places->entries + of->start : nothing;
}

void places_free(Places *places)
{
    map_free(&places->index_of);
    free(places->of);
    free(places->entries);
    *places = (Places){0};
}
