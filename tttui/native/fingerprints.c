/* Fingerprints of values: what tells that one is another than before. */
#include "recorder.h"
#include "hashing.h"

static inline __attribute__((always_inline)) uint64_t int_hash(PyObject *object) /* in the loops that compare */
{
    PyLongObject *value = (PyLongObject *)object;
    Py_ssize_t count = int_digit_count(value);
    digit *digits = int_digits(value);
    uint64_t word = int_size_word(value) + 0xa5a5a5a5a5000000ULL; /* no short text looks like this */
    if (LIKELY(count <= 1)) {
        return mix(word, count ? digits[0] : 0);
    }
    return hash_bytes(digits, (size_t)count * sizeof(digit), word);
}

static __attribute__((noinline)) uint64_t str_hash(PyObject *object)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(object);
    int kind = PyUnicode_KIND(object);
    size_t size = (size_t)length * (size_t)kind;
    const char *data = PyUnicode_DATA(object);
    if (LIKELY(size <= 64)) {
        return hash_bytes(data, size, (uint64_t)kind);
    }
    /* Long strings are told apart by length, ends, address and CPython's own hash where there is
     * one: reading them whole at each look would cost too much. */
    uint64_t hash = hash_bytes(data, 32, (uint64_t)length) ^ mix((uint64_t)(uintptr_t)object, (uint64_t)length);
    return mix(hash, hash_bytes(data + size - 32, 32, (uint64_t)((PyASCIIObject *)object)->hash));
}

/* Set where something that may be changed was met on the way: which a value of nothing but ints and
 * strings, however nested, doesn't hold. */
static bool hash_met_object;

/* Deaths by address: an address at which something died is told apart from what it was before. Exactly by address: that
 * another one shares its place must change nothing, or what is written would depend on where things happen to be.
 * An entry is the address in units of 16 bytes, and below it the count. */
#define FIRST_DEATHS 16384
#define MOST_DEATHS (1 << 20)
#define DEATH_BITS 20
static uint64_t *deaths;
static size_t deaths_mask, deaths_used;
static uint64_t deaths_forgotten; /* beyond any count: what they all begin at, once some were forgotten */

static inline uint64_t deaths_at(const void *address)
{
    uint64_t key = (uint64_t)(uintptr_t)address >> 4, found;
    for (size_t place = hash_address(address, deaths_mask); (found = deaths[place]) != 0; place = (place + 1) & deaths_mask) {
        if (LIKELY(found >> DEATH_BITS == key)) {
            return found + deaths_forgotten;
        }
    }
    return deaths_forgotten;
}

static uint64_t *death_place(uint64_t *table, size_t mask, uint64_t key)
{
    size_t place = hash_address((const void *)(uintptr_t)(key << 4), mask);
    while (table[place] != 0 && table[place] >> DEATH_BITS != key) {
        place = (place + 1) & mask;
    }
    return &table[place];
}

static void forget_deaths(void)
{
    memset(deaths, 0, (deaths_mask + 1) * sizeof *deaths);
    deaths_used = 0;
    deaths_forgotten += 0x9e3779b97f4a7c15ULL;
}

static __attribute__((noinline)) void grow_deaths(void)
{
    size_t mask = deaths_mask * 2 + 1;
    uint64_t *table = mask < MOST_DEATHS ? calloc(mask + 1, sizeof *table) : NULL;
    if (table == NULL) {
        forget_deaths();
        return;
    }
    for (size_t i = 0; i <= deaths_mask; i++) {
        if (deaths[i] != 0) {
            *death_place(table, mask, deaths[i] >> DEATH_BITS) = deaths[i];
        }
    }
    free(deaths);
    deaths = table;
    deaths_mask = mask;
}

static void count_death(const void *address)
{
    uint64_t key = (uint64_t)(uintptr_t)address >> 4, *place = death_place(deaths, deaths_mask, key);
    if (*place == 0) {
        if (UNLIKELY(deaths_used * 2 > deaths_mask)) {
            grow_deaths();
            place = death_place(deaths, deaths_mask, key);
        }
        deaths_used++;
        *place = key << DEATH_BITS;
    }
    if (UNLIKELY((++*place & ((1 << DEATH_BITS) - 1)) == 0)) { /* it has run over */
        forget_deaths();
    }
}

/* The identity of an object whose death would be noticed, without looking for its entry. */
static inline uint64_t identity_hash(PyObject *object)
{
    hash_met_object = true;
    return mix((uint64_t)(uintptr_t)object, (uint64_t)(uintptr_t)Py_TYPE(object) + deaths_at(object));
}

static uint64_t value_hash_slow(PyObject *object, int depth);
static uint64_t value_hash(PyObject *object, int depth);

/* To be built into the loops that compare; elsewhere value_hash(). */
static inline __attribute__((always_inline)) uint64_t value_hash_inline(PyObject *object, int depth)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyLong_Type) {
        return int_hash(object);
    }
    if (type == &PyUnicode_Type) {
        return str_hash(object);
    }
    if (type == &PyFloat_Type) {
        uint64_t bits;
        memcpy(&bits, &((PyFloatObject *)object)->ob_fval, 8);
        return mix(bits, 4);
    }
    if (object == Py_None) {
        return 5;
    }
    if (type->tp_free == watched_gc_free) {
        return identity_hash(object);
    }
    if (type == &PyBool_Type) {
        return mix((uint64_t)(uintptr_t)object, 8);
    }
    return value_hash_slow(object, depth);
}

static __attribute__((noinline)) uint64_t value_hash(PyObject *object, int depth)
{
    return value_hash_inline(object, depth);
}

static __attribute__((noinline)) uint64_t value_hash_slow(PyObject *object, int depth)
{
    TypeInfo *info = NULL;
    uint64_t hash;
    if (dies_watched(Py_TYPE(object))) {
        return identity_hash(object);
    }
    switch (value_kind(object, &info)) {
    case KIND_TRACKED:
        return identity_hash(object);
    case KIND_BOOL:
    case KIND_SINGLETON:
    case KIND_NONE_:
        return mix((uint64_t)(uintptr_t)object, 8);
    case KIND_BYTES: {
        Py_ssize_t size = PyBytes_GET_SIZE(object);
        if (size > 256) {
            return hash_bytes(PyBytes_AS_STRING(object), 256, (uint64_t)size) ^ (uint64_t)(uintptr_t)object;
        }
        return hash_bytes(PyBytes_AS_STRING(object), (size_t)size, 9);
    }
    case KIND_COMPLEX:
        return hash_bytes(&((PyComplexObject *)object)->cval, 16, 10);
    case KIND_TUPLE: {
        Py_ssize_t size = PyTuple_GET_SIZE(object);
        hash = mix((uint64_t)size, 11);
        if (depth > VALUE_DEPTH) {
            hash_met_object = true;
            return hash;
        }
        if (size > R.max_items) {
            hash_met_object = true;
            size = R.max_items;
        }
        for (Py_ssize_t i = 0; i < size; i++) {
            hash = mix(hash, value_hash(PyTuple_GET_ITEM(object, i), depth + 1));
        }
        return hash;
    }
    case KIND_FROZENSET: {
        PySetObject *set = (PySetObject *)object;
        Py_ssize_t left = set->used < R.max_items ? set->used : R.max_items;
        hash = mix((uint64_t)set->used, 14);
        for (Py_ssize_t i = 0; i <= set->mask && left > 0 && depth <= VALUE_DEPTH; i++) {
            if (set->table[i].key != NULL && set->table[i].hash != -1) {
                hash += value_hash(set->table[i].key, depth + 1);
                left--;
            }
        }
        return hash;
    }
    case KIND_RANGE: {
        RangeLayout *range = (RangeLayout *)object;
        return mix(value_hash(range->start, depth), mix(value_hash(range->stop, depth), value_hash(range->step, depth)));
    }
    case KIND_SLICE: {
        PySliceObject *slice = (PySliceObject *)object;
        if (depth > VALUE_DEPTH) {
            return 12;
        }
        return mix(value_hash(slice->start, depth + 1),
                   mix(value_hash(slice->stop, depth + 1), value_hash(slice->step, depth + 1)));
    }
    case KIND_NAMED: {
        PyObject *parts[64];
        Py_ssize_t length, count = named_parts(object, info, parts, 64, &length);
        hash = mix((uint64_t)info->id, (uint64_t)length);
        hash_met_object |= count < length || depth > VALUE_DEPTH;
        if (depth > VALUE_DEPTH) {
            return hash;
        }
        for (Py_ssize_t i = 0; i < count; i++) {
            if (parts[i] != NULL) {
                hash = mix(hash, value_hash(parts[i], depth + 1));
            }
        }
        return hash;
    }
    case KIND_REPR: {
        char text[REPR_ROOM];
        if (strcmp(info->type->tp_name, "re.Pattern") == 0) { /* re keeps them, so the same one comes up again and again */
            PyObject *pattern = ((PatternLayout *)object)->pattern;
            return mix(pattern != NULL ? value_hash(pattern, depth) : 0, (uint64_t)(uintptr_t)object);
        }
        size_t size = format_standard(object, text, sizeof text);
        return hash_bytes(text, size < sizeof text ? size : sizeof text, 13);
    }
    case KIND_ARRAY_SCALAR:
        return array_scalar_hash(object);
    case KIND_LABEL: { /* at the same address there may be another one by now, of another name */
        const char *literal;
        hash_met_object |= !PyType_Check(object); /* what a method is of, what a function encloses */
        uint64_t label = info->shape != SHAPE_MODULE ? (uint64_t)(uintptr_t)label_of(object, info->shape, &literal) : 0;
        return mix((uint64_t)(uintptr_t)object, (uint64_t)(uintptr_t)Py_TYPE(object) + label);
    }
    default:
        hash_met_object = true;
        return mix((uint64_t)(uintptr_t)object, (uint64_t)(uintptr_t)Py_TYPE(object));
    }
}
