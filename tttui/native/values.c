/* Values, read structurally: no method, no slot and no comparison of the program's is ever called.
 * `value_hash` and `put_value` walk the same things in the same order. */
#include "recorder.h"
#include "hashing.h"

/* Only the layouts: the C API of datetime, which would have to be imported, isn't used. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#include <datetime.h>
#pragma GCC diagnostic pop
#include <math.h>

static Entry *entry_of(PyObject *object, TypeInfo *info);
static uint64_t line_began; /* the event of the line whose changes are written */
static bool in_new;     /* what is written is held by an object that wasn't known before */
static bool in_library; /* what is written is held by what is a library's */
static bool from_outside; /* what is written may have come from code that isn't recorded, which may have kept it */
static uint64_t array_scalar_hash(PyObject *object);
static bool put_array_scalar(PyObject *object, TypeInfo *info);

/* Layouts of standard types that CPython keeps private; unchanged from 3.11 to 3.15 (tests read
 * each of them back on every version). */
typedef struct {
    PyObject_HEAD
    PyObject *start, *stop, *step, *length;
} RangeLayout;
typedef struct {
    PyObject_HEAD
    PyObject *function, *arguments, *keywords;
} PartialLayout;
typedef struct {
    PyObject_VAR_HEAD
    Py_ssize_t groups;
    PyObject *groupindex, *indexgroup, *pattern;
} PatternLayout;
typedef struct {
    PyObject_HEAD
    Py_hash_t hash;
    uint8_t flags;
    Py_ssize_t exponent, digits, words, allocated;
    uint64_t *data;
} DecimalLayout;

#define VALUE_DEPTH 12 /* of tuples within tuples; deeper is cut */
#define REPR_ROOM 1536


/* ---- standard immutables in the form of their repr ---- */

static size_t format_decimal(PyObject *object, char *out, size_t room)
{
    DecimalLayout *decimal = (DecimalLayout *)object;
    uint8_t flags = decimal->flags;
    const char *sign = flags & 1 ? "-" : "";
    if (flags & 2) {
        return (size_t)snprintf(out, room, "Decimal('%sInfinity')", sign);
    }
    if (flags & 4) {
        return (size_t)snprintf(out, room, "Decimal('%sNaN')", sign);
    }
    if (flags & 8) {
        return (size_t)snprintf(out, room, "Decimal('%ssNaN')", sign);
    }
    char digits[400];
    size_t count = 0;
    if (decimal->words < 1 || decimal->words > 18) {
        return 0;
    }
    for (Py_ssize_t i = decimal->words - 1; i >= 0; i--) {
        count += (size_t)snprintf(digits + count, sizeof digits - count,
                                  i == decimal->words - 1 ? "%llu" : "%019llu",
                                  (unsigned long long)decimal->data[i]);
    }
    Py_ssize_t exponent = decimal->exponent, leftdigits = exponent + (Py_ssize_t)count, dot;
    if (exponent <= 0 && leftdigits > -6) {
        dot = leftdigits;
    }
    else {
        dot = 1;
    }
    size_t used = (size_t)snprintf(out, room, "Decimal('%s", sign);
    if (dot <= 0) {
        used += (size_t)snprintf(out + used, room - used, "0.");
        for (Py_ssize_t i = dot; i < 0; i++) {
            out[used++] = '0';
        }
        used += (size_t)snprintf(out + used, room - used, "%s", digits);
    }
    else if ((size_t)dot >= count) {
        used += (size_t)snprintf(out + used, room - used, "%s", digits);
        for (size_t i = count; i < (size_t)dot && used < room - 40; i++) {
            out[used++] = '0';
        }
    }
    else {
        used += (size_t)snprintf(out + used, room - used, "%.*s.%s", (int)dot, digits, digits + dot);
    }
    if (leftdigits != dot) {
        used += (size_t)snprintf(out + used, room - used, "E%+zd", leftdigits - dot);
    }
    return used + (size_t)snprintf(out + used, room - used, "')");
}

static size_t format_time_part(char *out, size_t room, int hour, int minute, int second, int micro)
{
    size_t used = (size_t)snprintf(out, room, "%d, %d", hour, minute);
    if (second || micro) {
        used += (size_t)snprintf(out + used, room - used, ", %d", second);
    }
    if (micro) {
        used += (size_t)snprintf(out + used, room - used, ", %d", micro);
    }
    return used;
}

static size_t format_zone(char *out, size_t room, PyObject *zone)
{
    if (zone == NULL || zone == Py_None) {
        return 0;
    }
    /* The zone is an object of its own; UTC, by far the most common, is told by its layout. */
    if (is_c_type(Py_TYPE(zone), "datetime.timezone")) {
        PyObject *offset = ((PyObject **)((char *)zone + sizeof(PyObject)))[0];
        if (offset != NULL && is_c_type(Py_TYPE(offset), "datetime.timedelta")) {
            PyDateTime_Delta *delta = (PyDateTime_Delta *)offset;
            if (delta->days == 0 && delta->seconds == 0 && delta->microseconds == 0) {
                return (size_t)snprintf(out, room, ", tzinfo=datetime.timezone.utc");
            }
            return (size_t)snprintf(out, room,
                                    ", tzinfo=datetime.timezone(datetime.timedelta(days=%d, seconds=%d))",
                                    delta->days, delta->seconds);
        }
    }
    return (size_t)snprintf(out, room, ", tzinfo=<%.80s>", Py_TYPE(zone)->tp_name);
}

/* The repr that the type itself makes, which asks nothing of anybody where the pattern is exactly a str or bytes. */
static size_t format_pattern(PyObject *object, char *out, size_t room)
{
    PyObject *pattern = ((PatternLayout *)object)->pattern;
    if (pattern == NULL || !(PyUnicode_CheckExact(pattern) || PyBytes_CheckExact(pattern))) {
        return 0;
    }
    PyObject *text = Py_TYPE(object)->tp_repr(object);
    if (text == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), most = (Py_ssize_t)room / 4;
    size_t size = encode_text(text, length < most ? length : most, (uint8_t *)out);
    Py_DECREF(text);
    return size;
}

/* 0 where it is none of these. */
static size_t format_standard(PyObject *object, char *out, size_t room)
{
    const char *name = Py_TYPE(object)->tp_name;
    if (name[0] == 'd' && strncmp(name, "datetime.", 9) == 0) {
        if (strcmp(name + 9, "datetime") == 0) {
            PyDateTime_DateTime *t = (PyDateTime_DateTime *)object;
            size_t used = (size_t)snprintf(out, room, "datetime.datetime(%d, %d, %d, ",
                                           PyDateTime_GET_YEAR(t), PyDateTime_GET_MONTH(t),
                                           PyDateTime_GET_DAY(t));
            used += format_time_part(out + used, room - used, PyDateTime_DATE_GET_HOUR(t),
                                     PyDateTime_DATE_GET_MINUTE(t), PyDateTime_DATE_GET_SECOND(t),
                                     PyDateTime_DATE_GET_MICROSECOND(t));
            if (PyDateTime_DATE_GET_FOLD(t)) {
                used += (size_t)snprintf(out + used, room - used, ", fold=1");
            }
            if (t->hastzinfo) {
                used += format_zone(out + used, room - used, t->tzinfo);
            }
            return used + (size_t)snprintf(out + used, room - used, ")");
        }
        if (strcmp(name + 9, "date") == 0) {
            PyDateTime_Date *d = (PyDateTime_Date *)object;
            return (size_t)snprintf(out, room, "datetime.date(%d, %d, %d)", PyDateTime_GET_YEAR(d),
                                    PyDateTime_GET_MONTH(d), PyDateTime_GET_DAY(d));
        }
        if (strcmp(name + 9, "time") == 0) {
            PyDateTime_Time *t = (PyDateTime_Time *)object;
            size_t used = (size_t)snprintf(out, room, "datetime.time(");
            used += format_time_part(out + used, room - used, PyDateTime_TIME_GET_HOUR(t),
                                     PyDateTime_TIME_GET_MINUTE(t), PyDateTime_TIME_GET_SECOND(t),
                                     PyDateTime_TIME_GET_MICROSECOND(t));
            if (PyDateTime_TIME_GET_FOLD(t)) {
                used += (size_t)snprintf(out + used, room - used, ", fold=1");
            }
            if (t->hastzinfo) {
                used += format_zone(out + used, room - used, t->tzinfo);
            }
            return used + (size_t)snprintf(out + used, room - used, ")");
        }
        if (strcmp(name + 9, "timedelta") == 0) {
            PyDateTime_Delta *d = (PyDateTime_Delta *)object;
            size_t used = (size_t)snprintf(out, room, "datetime.timedelta(");
            const char *comma = "";
            if (d->days) {
                used += (size_t)snprintf(out + used, room - used, "days=%d", d->days);
                comma = ", ";
            }
            if (d->seconds) {
                used += (size_t)snprintf(out + used, room - used, "%sseconds=%d", comma, d->seconds);
                comma = ", ";
            }
            if (d->microseconds) {
                used += (size_t)snprintf(out + used, room - used, "%smicroseconds=%d", comma, d->microseconds);
                comma = ", ";
            }
            return used + (size_t)snprintf(out + used, room - used, *comma ? ")" : "0)");
        }
    }
    if (strcmp(name, "re.Pattern") == 0) {
        return format_pattern(object, out, room);
    }
    if (strcmp(name, "decimal.Decimal") == 0 && !(Py_TYPE(object)->tp_flags & Py_TPFLAGS_MANAGED_DICT) &&
        Py_TYPE(object)->tp_dictoffset == 0) {
        return format_decimal(object, out, room);
    }
    return 0;
}

/* ---- what a value is ---- */

static inline __attribute__((always_inline)) int kind_of_value(PyObject *object, TypeInfo **info)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyLong_Type) {
        return KIND_INT;
    }
    if (type == &PyUnicode_Type) {
        return KIND_STR;
    }
    if (type == &PyFloat_Type) {
        return KIND_FLOAT;
    }
    if (object == Py_None) {
        return KIND_NONE_;
    }
    if (type == &PyBool_Type) {
        return KIND_BOOL;
    }
    if (type == &PyTuple_Type) {
        return KIND_TUPLE;
    }
    if (type == &PyBytes_Type) {
        return KIND_BYTES;
    }
    if (type == &PyComplex_Type) {
        return KIND_COMPLEX;
    }
    if (type == &PyFrozenSet_Type) {
        return KIND_FROZENSET;
    }
    if (type == &PyRange_Type) {
        return KIND_RANGE;
    }
    if (type == &PySlice_Type) {
        return KIND_SLICE;
    }
    if (type == &PyEllipsis_Type || object == Py_NotImplemented) {
        return KIND_SINGLETON;
    }
    *info = type_info(type);
    if (UNLIKELY((*info)->kind == KIND_CLASS)) {
        /* a class that recorded code made is an object of interest, any other just a name */
        return type_info((PyTypeObject *)object)->user && watch_deaths(type) ? KIND_TRACKED : KIND_LABEL;
    }
    return (*info)->kind;
}

static int value_kind(PyObject *object, TypeInfo **info) { return kind_of_value(object, info); }

static PyObject *label_of(PyObject *object, uint8_t shape, const char **literal)
{
    *literal = NULL;
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyFunction_Type) {
        return ((PyFunctionObject *)object)->func_qualname;
    }
    if (type == &PyCFunction_Type) {
        *literal = ((PyCFunctionObject *)object)->m_ml->ml_name;
        return NULL;
    }
    if (shape == SHAPE_CLASS) {
        PyTypeObject *named = (PyTypeObject *)object;
        if (named->tp_flags & Py_TPFLAGS_HEAPTYPE) {
            return ((PyHeapTypeObject *)named)->ht_qualname;
        }
        *literal = named->tp_name;
        return NULL;
    }
    if (shape == SHAPE_MODULE) {
        PyObject *dict = PyModule_GetDict(object);
        return dict != NULL ? dict_get_text(dict, NULL) : NULL;
    }
    if (shape == SHAPE_GENERATOR) {
        return ((PyGenObject *)object)->gi_qualname;
    }
    return NULL;
}

/* The parts of a KIND_NAMED value; returns how many, at most `room`. */
static Py_ssize_t named_parts(PyObject *object, TypeInfo *info, PyObject **parts, Py_ssize_t room, Py_ssize_t *length)
{
    Py_ssize_t count = 0;
    if (info->shape == SHAPE_TUPLE) {
        *length = PyTuple_GET_SIZE(object);
        for (; count < *length && count < room; count++) {
            parts[count] = PyTuple_GET_ITEM(object, count);
        }
        return count;
    }
    if (info->shape == SHAPE_METHOD) {
        parts[count++] = ((PyMethodObject *)object)->im_func;
        parts[count++] = ((PyMethodObject *)object)->im_self;
    }
    else if (info->shape == SHAPE_PARTIAL) {
        PartialLayout *partial = (PartialLayout *)object;
        parts[count++] = partial->function;
        parts[count++] = partial->arguments;
        parts[count++] = partial->keywords;
    }
    *length = count;
    return count;
}

/* ---- fingerprints ---- */

static inline uint64_t int_hash(PyObject *object)
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
    case KIND_LABEL:
        hash_met_object |= !PyType_Check(object); /* what a method is of, what a function encloses */
        return mix((uint64_t)(uintptr_t)object, (uint64_t)(uintptr_t)Py_TYPE(object));
    default:
        hash_met_object = true;
        return mix((uint64_t)(uintptr_t)object, (uint64_t)(uintptr_t)Py_TYPE(object));
    }
}

/* ---- encoding ---- */

static void put_int(PyObject *object)
{
    PyLongObject *value = (PyLongObject *)object;
    Py_ssize_t count = int_digit_count(value);
    digit *digits = int_digits(value);
    bool negative = int_is_negative(value);
    if (count <= 2) {
        int64_t number = count == 0 ? 0 : (int64_t)digits[0];
        if (count == 2) {
            number |= (int64_t)digits[1] << PyLong_SHIFT;
        }
        if (negative) {
            number = -number;
        }
        if (number >= -16 && number < 112) {
            put_byte((uint8_t)(V_SMALL_INT + number + 16));
            return;
        }
        put_byte(V_INT);
        put_signed(number);
        return;
    }
    size_t bits = (size_t)count * PyLong_SHIFT;
    size_t limit = (size_t)R.max_string * 8;
    if (bits > limit && bits > 4096) {
        put_byte(V_BIGINT_CUT);
        put_byte(negative);
        put_unsigned((uint64_t)(count - 1) * PyLong_SHIFT + (uint64_t)(32 - __builtin_clz(digits[count - 1])));
        R.ring->cut[CUT_INT]++;
        return;
    }
    put_byte(V_BIGINT);
    put_byte(negative);
    size_t size = (bits + 7) / 8;
    put_unsigned(size);
    uint64_t buffer = 0;
    int filled = 0;
    uint8_t *end = R.cursor + size;
    for (Py_ssize_t i = 0; i < count; i++) {
        buffer |= (uint64_t)digits[i] << filled;
        filled += PyLong_SHIFT;
        while (filled >= 8 && R.cursor < end) {
            put_byte((uint8_t)buffer);
            buffer >>= 8;
            filled -= 8;
        }
    }
    while (R.cursor < end) {
        put_byte((uint8_t)buffer);
        buffer >>= 8;
    }
}

/* A str that is recorded whatever it says: see secrets.c. */
static void put_plain_string(PyObject *object)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(object);
    if (LIKELY(length <= INLINE_TEXT)) {
        put_byte(V_STR);
        put_text(object);
        return;
    }
    Py_ssize_t kept = length < R.max_string ? length : R.max_string;
    uint64_t hash = hash_text(object, kept);
    uint32_t id = text_id(object, hash, kept);
    if (id == 0) {
        put_byte(V_NULLTEXT);
        put_unsigned((uint64_t)length);
    }
    else if (kept == length) {
        put_byte(V_TEXT);
        put_unsigned(id);
    }
    else {
        put_byte(V_TEXT_CUT);
        put_unsigned(id);
        put_unsigned((uint64_t)length);
        R.ring->cut[CUT_STRING]++;
    }
}

static void put_redacted(void)
{
    put_byte(V_REDACTED);
    R.ring->cut[CUT_SECRET]++;
}

static void put_string(PyObject *object)
{
    if (UNLIKELY(is_secret_text(object))) {
        put_redacted();
    }
    else {
        put_plain_string(object);
    }
}

static void put_byte_string(PyObject *object, const char *bytes, Py_ssize_t length)
{
    if (length <= INLINE_TEXT) {
        put_byte(V_BYTES);
        put_unsigned((uint64_t)length);
        put_bytes(bytes, (size_t)length);
        return;
    }
    Py_ssize_t kept = length < R.max_string ? length : R.max_string;
    uint32_t id = text_id(object, hash_bytes(bytes, (size_t)kept, 77), kept);
    if (id == 0) {
        put_byte(V_NULLTEXT);
        put_unsigned((uint64_t)length);
    }
    else if (kept == length) {
        put_byte(V_TEXT);
        put_unsigned(id);
    }
    else {
        put_byte(V_TEXT_CUT);
        put_unsigned(id);
        put_unsigned((uint64_t)length);
        R.ring->cut[CUT_STRING]++;
    }
}

static void put_value_slow(PyObject *object, int depth);

static inline void put_value(PyObject *object, int depth)
{
    if (object == NULL) {
        put_byte(V_UNBOUND);
        return;
    }
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyLong_Type) {
        put_int(object);
    }
    else if (type == &PyFloat_Type) {
        put_byte(V_FLOAT);
        put_bytes(&((PyFloatObject *)object)->ob_fval, 8);
    }
    else if (type == &PyUnicode_Type) {
        put_string(object);
    }
    else if (object == Py_None) {
        put_byte(V_NONE);
    }
    else {
        put_value_slow(object, depth);
    }
}

static void put_values(PyObject **items, Py_ssize_t length, Py_ssize_t count, int depth)
{
    put_unsigned((uint64_t)length);
    put_unsigned((uint64_t)count);
    for (Py_ssize_t i = 0; i < count; i++) {
        put_value(items[i], depth + 1);
    }
    if (count < length) {
        R.ring->cut[CUT_ITEMS]++;
    }
}

static void put_value_slow(PyObject *object, int depth)
{
    TypeInfo *info = NULL;
    int kind = kind_of_value(object, &info);
    if (UNLIKELY(!has_room())) {
        put_byte(V_DEEP);
        put_unsigned(info != NULL ? info->id : 0);
        R.ring->cut[CUT_OBJECTS]++;
        return;
    }
    switch (kind) {
    case KIND_TRACKED: {
        Entry *entry = entry_of(object, info);
        if (entry != NULL) {
            if (UNLIKELY(entry->flags & ENTRY_NAMESPACE)) { /* as a value of the program's it is a dict like any other */
                entry->flags = (uint16_t)((entry->flags & ~ENTRY_NAMESPACE) | ENTRY_PENDING);
                enqueue(PENDING_OBJECT, 0, entry, OB_SNAPSHOT);
            }
            if (entry->flags & ENTRY_FRESH) {
                entry->flags = (uint16_t)(in_library ? entry->flags | ENTRY_HELD : entry->flags & ~ENTRY_HELD);
                entry->references += !in_library;
            }
            else if (UNLIKELY(from_outside) && !in_library) {
                entry->mentions = entry->mentioned > line_began ? entry->mentions + 1 : 1;
                entry->mentioned = R.events;
            }
            else if (in_new && !in_library) {
                entry->references++;
            }
            if (UNLIKELY(entry->unseen != R.unseen) && !(entry->flags & ENTRY_FRESH)) { /* it may come from code that isn't recorded, and have changed there */
                entry->unseen = R.unseen;
                enqueue(PENDING_CHECK, 0, entry, 0);
            }
            put_byte(V_OBJECT);
            put_unsigned(entry->id);
        }
        else {
            put_byte(V_DEEP);
            put_unsigned(info->id);
            R.ring->cut[CUT_DEPTH]++;
        }
        return;
    }
    case KIND_BOOL:
        put_byte(object == Py_True ? V_TRUE : V_FALSE);
        return;
    case KIND_SINGLETON:
        put_byte(object == Py_NotImplemented ? V_NOTIMPLEMENTED : V_ELLIPSIS);
        return;
    case KIND_BYTES:
        if (UNLIKELY(is_secret_text(object))) {
            put_redacted();
        }
        else {
            put_byte_string(object, PyBytes_AS_STRING(object), PyBytes_GET_SIZE(object));
        }
        return;
    case KIND_COMPLEX:
        put_byte(V_COMPLEX);
        put_bytes(&((PyComplexObject *)object)->cval, 16);
        return;
    case KIND_TUPLE: {
        Py_ssize_t length = PyTuple_GET_SIZE(object), count = length < R.max_items ? length : R.max_items;
        if (depth > VALUE_DEPTH) {
            count = 0;
        }
        put_byte(V_TUPLE);
        put_values(((PyTupleObject *)object)->ob_item, length, count, depth);
        return;
    }
    case KIND_FROZENSET: {
        PySetObject *set = (PySetObject *)object;
        Py_ssize_t length = set->used, count = length < R.max_items ? length : R.max_items;
        if (depth > VALUE_DEPTH) {
            count = 0;
        }
        put_byte(V_FROZENSET);
        put_unsigned((uint64_t)length);
        put_unsigned((uint64_t)count);
        for (Py_ssize_t i = 0, written = 0; i <= set->mask && written < count; i++) {
            PyObject *key = set->table[i].key;
            if (key != NULL && set->table[i].hash != -1) {
                put_value(key, depth + 1);
                written++;
            }
        }
        if (count < length) {
            R.ring->cut[CUT_ITEMS]++;
        }
        return;
    }
    case KIND_RANGE: {
        RangeLayout *range = (RangeLayout *)object;
        put_byte(V_RANGE);
        put_value(range->start, depth);
        put_value(range->stop, depth);
        put_value(range->step, depth);
        return;
    }
    case KIND_SLICE: {
        PySliceObject *slice = (PySliceObject *)object;
        if (depth > VALUE_DEPTH) {
            put_byte(V_DEEP);
            put_unsigned(type_info(&PySlice_Type)->id);
            return;
        }
        put_byte(V_SLICE);
        put_value(slice->start, depth + 1);
        put_value(slice->stop, depth + 1);
        put_value(slice->step, depth + 1);
        return;
    }
    case KIND_NAMED: {
        PyObject *parts[64];
        Py_ssize_t length, count = named_parts(object, info, parts, R.max_items < 64 ? R.max_items : 64, &length);
        if (depth > VALUE_DEPTH) {
            count = 0;
        }
        put_byte(V_NAMED);
        put_unsigned(info->id);
        put_values(parts, length, count, depth);
        return;
    }
    case KIND_LABEL: {
        const char *literal;
        PyObject *label = label_of(object, info->shape, &literal);
        put_byte(V_LABEL);
        put_unsigned(info->id);
        if (is_text(label)) {
            put_text(label);
        }
        else {
            put_c_text(literal != NULL ? literal : "");
        }
        return;
    }
    case KIND_REPR: {
        char text[REPR_ROOM];
        size_t size = format_standard(object, text, sizeof text);
        if (size == 0) { /* a Decimal with more digits than are kept */
            put_byte(V_OPAQUE);
            put_unsigned(info->id);
            return;
        }
        put_byte(V_REPR);
        put_unsigned(info->id);
        put_unsigned(size < sizeof text ? size : sizeof text - 1);
        put_bytes(text, size < sizeof text ? size : sizeof text - 1);
        return;
    }
    case KIND_ARRAY_SCALAR:
        if (!put_array_scalar(object, info)) {
            put_byte(V_OPAQUE);
            put_unsigned(info->id);
        }
        return;
    default:
        put_byte(V_OPAQUE);
        put_unsigned(info != NULL ? info->id : 0);
    }
}

/* A key tells entries apart, so it is recorded whatever it says. */
static inline void put_key(PyObject *key, int depth)
{
    if (PyUnicode_CheckExact(key)) {
        put_plain_string(key);
    }
    else if (PyBytes_CheckExact(key)) {
        put_byte_string(key, PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key));
    }
    else {
        put_value(key, depth);
    }
}

/* What is kept under a name, in a variable, an attribute or a mapping. */
static inline void put_named_value(PyObject *name, PyObject *value, int depth)
{
    if (UNLIKELY(redacting && value != NULL && (Py_TYPE(value) == &PyUnicode_Type || Py_TYPE(value) == &PyBytes_Type)) &&
        is_named_secret(name, value)) {
        put_redacted();
        return;
    }
    put_value(value, depth);
}
