/* Fingerprints: 64-bit hashes by which contents are compared. Not for hostile input: a collision
 * makes one change invisible, no more. */
#ifndef TTTUI_HASHING_H
#define TTTUI_HASHING_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)(a ^ 0x9e3779b97f4a7c15ULL) * (b ^ 0xd6e8feb86659fd93ULL);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_bytes(const void *bytes, size_t count, uint64_t seed)
{
    const uint8_t *p = bytes;
    uint64_t hash = seed ^ count, word, other;
    size_t left = count;
    while (left > 16) {
        memcpy(&word, p, 8);
        memcpy(&other, p + 8, 8);
        hash = mix(word ^ hash, other);
        p += 16;
        left -= 16;
    }
    word = other = 0;
    if (left > 8) {
        memcpy(&word, p, 8);
        memcpy(&other, p + 8, left - 8);
    }
    else {
        memcpy(&word, p, left);
    }
    return mix(word ^ hash, other ^ count);
}

static inline size_t hash_address(const void *address, size_t mask)
{
    return (size_t)(((uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15ULL) >> 32) & mask;
}

#endif
