/* Attributes, items and lengths of objects, followed through a chunk: those that are asked for, as far as it tells. */
#ifndef TTTUI_FOLLOWED_H
#define TTTUI_FOLLOWED_H

#include "../reader.h"
#include "places.h"
#include "scalar_tests.h"

enum { MOST_NAMES = 64, MOST_TYPES = 16 };

/* Names of what is no attribute: how much a container holds, and from there on items. */
#define LENGTH (UINT64_C(1) << 62)
#define FIRST_ITEM (LENGTH + 1)

/* What is known of a name of an object, apart from 1 + where the value stands (of a LENGTH 1 + itself), and 0: nothing
 * was written in this chunk so far. The records don't tell what it is now; there is no such key; from KNOWN on the
 * number of what was known at the chunk's beginning; and around SHIFTED a length by how much more it is than there. */
#define NOT_TOLD UINT32_MAX
#define MISSING (UINT32_MAX - 1)
#define KNOWN (UINT64_C(1) << 33)
#define SHIFTED (UINT64_C(1) << 60)
#define MOST_SHIFTED (UINT64_C(1) << 40)

static inline bool is_known_before(uint64_t told)
{
    return told >= KNOWN && told < SHIFTED - MOST_SHIFTED;
}

static inline bool is_shifted(uint64_t told)
{
    return told >= SHIFTED - MOST_SHIFTED && told <= SHIFTED + MOST_SHIFTED;
}

typedef struct {
    uint64_t ids[MOST_TYPES];
    Py_ssize_t count;
} Types;

typedef struct {
    uint64_t id;
    bool is_dict, is_list;
} FollowedObject;

/* The name of an item, and its key. */
typedef struct {
    uint64_t name;
    Scalar key; /* S_UNTOLD: it takes an object to tell whether it is this one */
} FollowedKey;

typedef struct {
    uint64_t names[MOST_NAMES];
    int64_t indices[MOST_NAMES]; /* of items: the key, where that is an index */
    bool is_index[MOST_NAMES];
    bool is_way[MOST_NAMES];     /* there are columns that go through it to what an object there has */
    uint32_t count;
    bool attributes, lengths, items; /* there are such names */
    uint8_t parts;        /* bit set of the parts of objects in which they may be */
    FollowedKey items_of[MOST_NAMES];
    uint32_t item_count;
    bool only_plain_keys; /* each is a text or an int as the stream writes them */
    Types sized, dicts, lists; /* whose length is that of what they hold, whose items are those of a dict, and of a list */
    PyObject *keys;    /* borrowed: a dict, the name of the item at each key */
    PyObject *missing; /* borrowed: stands for an item that isn't there */
    PyObject *known;   /* borrowed: a dict, what is known of the chunk's beginning by (object, name) */
    Map index_of;      /* (object, 0): 1 + its index */
    FollowedObject *objects; /* owned */
    uint64_t *values;        /* owned: `count` of each object */
    size_t object_count, object_capacity;
    uint64_t last;           /* the object that was asked for last, and */
    size_t last_index;       /* 1 + its index, 0: it has none */
    PyObject **found;        /* owned array of what stands in `known` */
    size_t found_count, found_capacity;
    Places places;
} Followed;

/* A name's place among the names, added where it is new; MOST_NAMES where there are too many. */
uint32_t followed_name(Followed *followed, uint64_t name);
/* The arguments (sized, dicts, lists, keys, missing, known), once all names are there; false with an exception. */
bool followed_containers(Followed *followed, PyObject *containers);
void followed_free(Followed *followed);

/* Takes in a record of an object; false with an exception. */
bool followed_step(Followed *followed, const Replay *replay, const Record *record);
/* What a name of an object is (by its place): see above. Where it is 0 and that is known, KNOWN and more; shifted where what
 * it was isn't known. */
uint64_t followed_value(Followed *followed, const Replay *replay, uint64_t object, uint32_t name);
/* {(object, name): value} of what was written so far: scalars, `...` for something else, (id,) for an object where columns
 * go through it, NotImplemented where it isn't told. NULL with an exception. */
PyObject *followed_ends(Followed *followed, const Replay *replay);

/* What stands for such a number; borrowed. */
static inline PyObject *followed_known(const Followed *followed, uint64_t told)
{
    return followed->found[told - KNOWN];
}

/* A value where it is a plain scalar; NULL without an exception where it is something else. */
PyObject *scalar_at(const Replay *replay, const uint8_t *value);
/* The same, and with `may_be_any` `...` for what is certainly neither None, True nor False. */
PyObject *scalar_or_any(const Replay *replay, const uint8_t *value, bool may_be_any);

#endif
