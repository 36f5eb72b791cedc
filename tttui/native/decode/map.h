/* A hash map from two numbers to one that is not 0; keys come from untrusted bytes, so it is seeded. */
#ifndef TTTUI_MAP_H
#define TTTUI_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t first, second;
    uint64_t value; /* 0: the entry is free, MAP_REMOVED: it was taken out */
} MapEntry;

#define MAP_REMOVED UINT64_MAX

typedef struct {
    MapEntry *entries; /* owned */
    size_t capacity;   /* a power of two, or 0 */
    size_t filled;     /* entries that are not free */
    size_t used;       /* entries that hold something */
} Map;

/* Once per process. */
void map_seed(uint64_t seed);
/* The value of a key, 0 where there is none. */
uint64_t map_get(const Map *map, uint64_t first, uint64_t second);
/* Adds to the value of a key (0 before); false without memory. */
bool map_add(Map *map, uint64_t first, uint64_t second, uint64_t amount);
/* Sets the value of a key; false without memory. */
bool map_put(Map *map, uint64_t first, uint64_t second, uint64_t value);
/* Removes a key, and gives the value that it had. */
uint64_t map_take(Map *map, uint64_t first, uint64_t second);
/* Sorts the entries that hold something to the front of `entries`, by key, and gives how many they
 * are. Nothing but reading `entries` and `map_free` is allowed afterwards. */
size_t map_sort(Map *map);
void map_free(Map *map);

#endif
