/* Which entries stand at which places of dicts and instances (their keys) and, where that is asked for, of lists, as far
 * as a chunk tells: from a whole content on, behind one splice after the other. A splice says at which places it deletes,
 * not what. */
#ifndef TTTUI_PLACES_H
#define TTTUI_PLACES_H

#include "map.h"
#include "record.h"

typedef struct {
    uint32_t whole; /* as in PlacesOfObject.whole, what they were read from */
    uint32_t length, capacity;
    bool known;
    size_t start;   /* in `entries` */
} PlacesOf;

typedef struct {
    uint32_t whole; /* 1 + where in the chunk its last whole content stands, 0: it isn't known any more */
    PlacesOf parts[PART_ATTRIBUTES + 1]; /* made when they are first asked for */
} PlacesOfObject;

typedef struct {
    bool items;        /* of lists, too */
    bool without_pairs, without_attributes; /* nobody asks for these */
    Map index_of;      /* (object, 0): 1 + its index */
    PlacesOfObject *of; /* owned */
    size_t of_count, of_capacity;
    uint64_t last;     /* the object that was asked for last, and */
    size_t last_index; /* 1 + its index, 0: it has none */
    uint32_t *entries; /* owned: where in the chunk the key (of lists: the item) at each place stands */
    size_t entry_count, entry_capacity;
} Places;

/* Takes in a record of an object, which the cursor stands behind. False without memory. */
bool places_step(Places *places, const Cursor *cursor, const Record *record);
/* Where in the chunk the keys stand that a splice takes away (record->names of them), asked before it is taken in;
 * NULL where that isn't known. */
const uint32_t *places_deleted(Places *places, const Cursor *cursor, const Record *record);
/* Where in the chunk the items of a list stand; NULL where that isn't known. */
const uint32_t *places_items(Places *places, const Cursor *cursor, uint64_t object, uint32_t *length);
void places_free(Places *places);

static inline bool is_keyed_part(uint8_t part)
{
    return part == PART_PAIRS || part == PART_ATTRIBUTES;
}

#endif
