/* Which keys of which older objects a chunk wrote to: a filter that lets a search pass over the
 * chunks that wrote to the object, but elsewhere in it. */
#ifndef TTTUI_TOUCHED_H
#define TTTUI_TOUCHED_H

#include "../reader.h"
#include "places.h"

typedef struct {
    Map keys;   /* (hash, 0): a key of an object, or a variable of a call, that is older than the chunk */
    Map shifts; /* (object, 0): 1 + the first position of a list from which on entries moved */
    Map stated; /* (hash, 0): 1 + hash of the value that a snapshot of the object gave for the key */
    Map whole;  /* (object, 0): hash of the keys of its snapshot */
    Places places;
} Touched;

/* Behind each replay_step; false without memory. */
bool touched_step(Touched *touched, const Replay *replay, const Record *record);
/* The filter; the maps are used up. */
void put_touched(Bytes *out, Touched *touched);
void touched_free(Touched *touched);

#endif
