#include "map.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_seed = 0x9e3779b97f4a7c15ULL;

void map_seed(uint64_t seed)
{
    hash_seed ^= seed;
}

static inline size_t hash(uint64_t first, uint64_t second)
{
    uint64_t mixed = (first ^ hash_seed) * 0xbf58476d1ce4e5b9ULL;
    mixed ^= mixed >> 32;
    mixed = (mixed ^ second) * 0x94d049bb133111ebULL;
    return (size_t)(mixed ^ (mixed >> 29));
}

/* The entry of a key, or the free entry where it would go. The map has a free entry. */
static MapEntry *find(const Map *map, uint64_t first, uint64_t second)
{
    size_t mask = map->capacity - 1;
    for (size_t index = hash(first, second) & mask;; index = (index + 1) & mask) {
        MapEntry *entry = &map->entries[index];
        if (entry->value == 0)
            return entry;
        if (entry->first == first && entry->second == second && entry->value != MAP_REMOVED)
            return entry;
    }
}

static bool grow(Map *map)
{
    size_t capacity = 64;
    while (capacity < map->used * 4)
        capacity *= 2;
    Map larger = {.entries = calloc(capacity, sizeof(MapEntry)), .capacity = capacity};
    if (larger.entries == NULL)
        return false;
    for (size_t index = 0; index < map->capacity; index++) {
        const MapEntry *entry = &map->entries[index];
        if (entry->value != 0 && entry->value != MAP_REMOVED)
            *find(&larger, entry->first, entry->second) = *entry;
    }
    larger.used = larger.filled = map->used;
    free(map->entries);
    *map = larger;
    return true;
}

/* The entry of a key, made where there was none (value 0: the caller sets it). NULL without memory. */
static MapEntry *require(Map *map, uint64_t first, uint64_t second)
{
    if ((map->filled + 1) * 4 > map->capacity * 3 && !grow(map))
        return NULL;
    MapEntry *entry = find(map, first, second);
    if (entry->value == 0) {
        entry->first = first;
        entry->second = second;
        map->filled++;
        map->used++;
    }
    return entry;
}

uint64_t map_get(const Map *map, uint64_t first, uint64_t second)
{
    return map->used == 0 ? 0 : find(map, first, second)->value;
}

bool map_add(Map *map, uint64_t first, uint64_t second, uint64_t amount)
{
    MapEntry *entry = require(map, first, second);
    if (entry == NULL)
        return false;
    entry->value += amount;
    return true;
}

bool map_put(Map *map, uint64_t first, uint64_t second, uint64_t value)
{
    MapEntry *entry = require(map, first, second);
    if (entry == NULL)
        return false;
    entry->value = value;
    return true;
}

uint64_t map_take(Map *map, uint64_t first, uint64_t second)
{
    if (map->used == 0)
        return 0;
    MapEntry *entry = find(map, first, second);
    uint64_t value = entry->value;
    if (value != 0) {
        entry->value = MAP_REMOVED;
        map->used--;
    }
    return value;
}

static int by_key(const void *left, const void *right)
{
    const MapEntry *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->second < b->second ? -1 : a->second > b->second;
}

size_t map_sort(Map *map)
{
    size_t count = 0;
    for (size_t index = 0; index < map->capacity; index++) {
        MapEntry entry = map->entries[index];
        if (entry.value != 0 && entry.value != MAP_REMOVED)
            map->entries[count++] = entry;
    }
    /* Those that were moved to the front must not be found a second time when it is sorted again. */
    if (count < map->capacity)
        memset(map->entries + count, 0, (map->capacity - count) * sizeof(MapEntry));
    if (count > 1)
        qsort(map->entries, count, sizeof(MapEntry), by_key);
    return count;
}

void map_free(Map *map)
{
    free(map->entries);
    *map = (Map){0};
}
