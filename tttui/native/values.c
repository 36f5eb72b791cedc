/* Values, read structurally: no method, no slot and no comparison of the program's is ever called.
 * `value_hash` and `put_value` walk the same things in the same order. */
#include "recorder.h"

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

/* Set where something was written that is shown by a name. */
static bool label_met;

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
                enqueue(PENDING_CHECK, 0, entry, from_outside);
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
        label_met = true;
        put_byte(V_NAMED);
        put_unsigned(info->id);
        put_values(parts, length, count, depth);
        return;
    }
    case KIND_LABEL: {
        const char *literal;
        PyObject *label = label_of(object, info->shape, &literal);
        label_met = true;
        note_label(object);
        if (info->shape == SHAPE_MODULE) {
            note_module(object);
        }
        put_byte(V_LABEL);
        put_unsigned(info->id);
        if (label != NULL && PyUnicode_Check(label)) { /* be it of a class of the program's */
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
        label_met = true;
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
