/* Which keys stand at which places of dicts and instances, as far as a chunk tells: from a whole
 * content on, behind one splice after the other. A splice says at which places it deletes, not what. */
#ifndef TTTUI_PLACES_H
#define TTTUI_PLACES_H

#include "map.h"
#include "record.h"

typedef struct {
    uint64_t whole; /* as in Places.whole, what they were read from */
    size_t start;   /* in `keys` */
    uint32_t length, capacity;
    bool known;
} PlacesOf;

typedef struct {
    Map whole;      /* (object, 0): 1 + where in the chunk its last whole content stands */
    Map indices;    /* (object, part): 1 + index of its places, made when they are first asked for */
    PlacesOf *of;   /* owned */
    size_t of_count, of_capacity;
    uint32_t *keys; /* owned: where in the chunk the key at each place stands */
    size_t key_count, key_capacity;
} Places;

/* Takes in a record of an object, which the cursor stands behind. False without memory. */
bool places_step(Places *places, const Cursor *cursor, const Record *record);
/* Where in the chunk the keys stand that a splice takes away (record->names of them), asked before it is taken in;
 * NULL where that isn't known. */
const uint32_t *places_deleted(Places *places, const Cursor *cursor, const Record *record);
void places_free(Places *places);

static inline bool is_keyed_part(uint8_t part)
{
    return part == PART_PAIRS || part == PART_ATTRIBUTES;
}

#endif
