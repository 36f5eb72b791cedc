/* Reading what is in an object: items, pairs, attributes, its base value. Nothing is called. */
#include "recorder.h"
#include "hashing.h"

/* Containers up to this length are compared entry by entry at each look. */
#define CHECK_ITEMS 64
#define MAX_ATTRIBUTES 1024

typedef struct {
    PyObject *key, *value;
    uint64_t hash;
} Item;

/* Filled by the gather functions; nothing that writes values touches them. */
static Item scratch_items[CHECK_ITEMS + 8];
static Item scratch_attributes[MAX_ATTRIBUTES];

static size_t attributes_left_out; /* by the last gather_attributes */

static PyObject *name_notes, *name_cause, *name_context, *name_by_value;

static inline void add_attribute(size_t *count, PyObject *name, PyObject *value)
{
    if (*count < MAX_ATTRIBUTES && value != NULL && name != NULL) {
        scratch_attributes[*count].key = name;
        scratch_attributes[*count].value = value;
        (*count)++;
    }
    else {
        attributes_left_out += value != NULL && name != NULL;
    }
}

static size_t gather_class(PyTypeObject *type)
{
    size_t count = 0;
    PyObject *dict = type_dict(type), *key, *value;
    Py_ssize_t position = 0;
    while (dict != NULL && PyDict_Next(dict, &position, &key, &value)) {
        if (PyUnicode_CheckExact(key) && !is_dunder(key)) {
            add_attribute(&count, key, value);
        }
    }
    return count;
}

static size_t gather_attributes(PyObject *object, TypeInfo *info)
{
    size_t count = 0;
    attributes_left_out = 0;
    if (info->shape == SHAPE_CLASS) {
        return gather_class((PyTypeObject *)object);
    }
    for (int i = 0; i < info->member_count; i++) {
        add_attribute(&count, info->members[i].name, member_of(object, &info->members[i]));
    }
    if (info->shape == SHAPE_EXCEPTION) {
        PyBaseExceptionObject *exception = (PyBaseExceptionObject *)object;
        add_attribute(&count, name_cause, exception->cause);
        if (!exception->suppress_context) {
            add_attribute(&count, name_context, exception->context);
        }
    }
    Attributes where = instance_attributes(object, info->type);
    if (where.values != NULL && where.keys != NULL) {
        for (int i = 0; i < where.count; i++) {
            int place = inserted_at(&where, i);
            add_attribute(&count, keys_name(where.keys, place), where.values[place]);
        }
    }
    else if (where.dict != NULL && PyDict_Check(where.dict)) {
        PyDictObject *dict = (PyDictObject *)where.dict;
        Py_ssize_t end = dict_end(dict), position = 0;
        Pair pair;
        if (dict->ma_values != NULL) { /* a split table keeps the order beside the values */
            while (PyDict_Next(where.dict, &position, &pair.key, &pair.value)) {
                add_attribute(&count, PyUnicode_CheckExact(pair.key) ? pair.key : NULL, pair.value);
            }
            return count;
        }
        for (Py_ssize_t i = 0; i < end; i++) {
            if (dict_entry(dict, i, &pair) && PyUnicode_CheckExact(pair.key)) {
                add_attribute(&count, pair.key, pair.value);
            }
        }
    }
    return count;
}

/* Changes whenever an attribute does, where they are all in a dict whose changes CPython counts; else 0. */
static uint64_t attributes_version(PyObject *object, const TypeInfo *info)
{
    if (info->member_count > 0) {
        return 0;
    }
    PyObject *dict = instance_attributes(object, info->type).dict;
    return dict != NULL && PyDict_Check(dict) && ((PyDictObject *)dict)->ma_values == NULL
               ? dict_version((PyDictObject *)dict)
               : 0;
}

/* One attribute, as gather_attributes would find it. */
static PyObject *find_attribute(PyObject *object, TypeInfo *info, PyObject *name)
{
    for (int i = 0; i < info->member_count; i++) {
        if (info->members[i].name == name) {
            return member_of(object, &info->members[i]);
        }
    }
    Attributes where = instance_attributes(object, info->type);
    if (where.values != NULL && where.keys != NULL) {
        Py_ssize_t names = keys_count(where.keys);
        for (Py_ssize_t i = 0; i < names; i++) {
            if (keys_name(where.keys, i) == name) {
                return where.values[i];
            }
        }
        return NULL;
    }
    return where.dict != NULL && PyDict_Check(where.dict) ? dict_find(where.dict, name) : NULL;
}

static bool has_items(uint8_t shape)
{
    return shape == SHAPE_LIST || shape == SHAPE_TUPLE || shape == SHAPE_DEQUE || shape == SHAPE_DICT || shape == SHAPE_SET ||
           shape == SHAPE_FROZENSET || shape == SHAPE_EXCEPTION || shape == SHAPE_CELL;
}

static bool has_attributes(const TypeInfo *info)
{
    return info->has_attributes || info->shape == SHAPE_EXCEPTION || info->shape == SHAPE_CLASS;
}

static PyObject *exception_arguments(PyObject *object)
{
    PyObject *arguments = ((PyBaseExceptionObject *)object)->args;
    return arguments != NULL && PyTuple_CheckExact(arguments) ? arguments : NULL;
}

static Py_ssize_t container_length(PyObject *object, uint8_t shape)
{
    switch (shape) {
    case SHAPE_LIST:
    case SHAPE_TUPLE:
    case SHAPE_DEQUE:
        return Py_SIZE(object);
    case SHAPE_DICT:
        return ((PyDictObject *)object)->ma_used;
    case SHAPE_SET:
    case SHAPE_FROZENSET:
        return ((PySetObject *)object)->used;
    case SHAPE_EXCEPTION: {
        PyObject *arguments = exception_arguments(object);
        return arguments != NULL ? PyTuple_GET_SIZE(arguments) : 0;
    }
    case SHAPE_CELL:
        return 1;
    default:
        return 0;
    }
}

static int main_part(uint8_t shape)
{
    return shape == SHAPE_DICT ? PART_PAIRS : shape == SHAPE_CELL ? PART_CELL : PART_ITEMS;
}

static size_t gather_deque(DequeLayout *deque, Item *out, Py_ssize_t from, size_t room)
{
    size_t count = 0;
    DequeBlock *block = deque->left_block;
    Py_ssize_t at = deque->left_index;
    for (Py_ssize_t index = 0; index < Py_SIZE(deque) && count < room && block != NULL; index++) {
        if (index >= from) {
            out[count++] = (Item){NULL, block->data[at], 0};
        }
        if (++at == DEQUE_BLOCK) {
            at = 0;
            block = block->right;
        }
    }
    return count;
}

static size_t gather_ordered(PyDictObject *dict, Item *out, Py_ssize_t from, size_t room)
{
    size_t count = 0;
    Py_ssize_t index = 0;
    Pair pair;
    for (OrderedNode *node = ((OrderedLayout *)dict)->first; node != NULL && count < room; node = node->next) {
        if (index++ < from) {
            continue;
        }
        Py_ssize_t place = dict_place(dict, node->key);
        for (Py_ssize_t i = 0; place < 0 && i < dict_end(dict); i++) { /* a key of another type: by identity */
            if (dict_entry(dict, i, &pair) && pair.key == node->key) {
                place = i;
            }
        }
        if (place >= 0 && dict_entry(dict, place, &pair)) {
            out[count++] = (Item){pair.key, pair.value, 0};
        }
    }
    return count;
}

static size_t gather_dict(PyDictObject *dict, Item *out, Py_ssize_t from, size_t room)
{
    size_t count = 0;
    Py_ssize_t index = 0;
    if (dict->ma_values != NULL) { /* a split table keeps the order beside the values */
        Py_ssize_t position = 0;
        PyObject *key, *value;
        while (count < room && PyDict_Next((PyObject *)dict, &position, &key, &value)) {
            if (index++ >= from) {
                out[count++] = (Item){key, value, 0};
            }
        }
        return count;
    }
    Py_ssize_t end = dict_end(dict), place = 0;
    if (end == dict->ma_used) {
        place = index = from; /* nothing was deleted: place and index are the same */
    }
    Pair pair;
    for (; place < end && count < room; place++) {
        if (dict_entry(dict, place, &pair) && index++ >= from) {
            out[count++] = (Item){pair.key, pair.value, 0};
        }
    }
    return count;
}

static size_t gather_set(PySetObject *set, Item *out, Py_ssize_t from, size_t room)
{
    size_t count = 0;
    Py_ssize_t index = 0;
    for (Py_ssize_t place = 0; place <= set->mask && count < room; place++) {
        PyObject *key = set->table[place].key;
        if (key != NULL && set->table[place].hash != -1 && index++ >= from) {
            out[count++] = (Item){NULL, key, 0};
        }
    }
    return count;
}

/* Entries [from, from + room) of a container, in its own order. */
static size_t gather_items(PyObject *object, uint8_t shape, Item *out, Py_ssize_t from, size_t room)
{
    size_t count = 0;
    switch (shape) {
    case SHAPE_LIST:
        for (Py_ssize_t index = from; index < Py_SIZE(object) && count < room; index++) {
            out[count++] = (Item){NULL, PyList_GET_ITEM(object, index), 0};
        }
        return count;
    case SHAPE_TUPLE:
        for (Py_ssize_t index = from; index < Py_SIZE(object) && count < room; index++) {
            out[count++] = (Item){NULL, PyTuple_GET_ITEM(object, index), 0};
        }
        return count;
    case SHAPE_EXCEPTION: {
        PyObject *arguments = exception_arguments(object);
        for (Py_ssize_t index = from; arguments != NULL && index < PyTuple_GET_SIZE(arguments) && count < room; index++) {
            out[count++] = (Item){NULL, PyTuple_GET_ITEM(arguments, index), 0};
        }
        return count;
    }
    case SHAPE_DEQUE:
        return gather_deque((DequeLayout *)object, out, from, room);
    case SHAPE_SET:
    case SHAPE_FROZENSET:
        return gather_set((PySetObject *)object, out, from, room);
    case SHAPE_DICT:
        if (PyODict_Check(object)) {
            return gather_ordered((PyDictObject *)object, out, from, room);
        }
        return gather_dict((PyDictObject *)object, out, from, room);
    case SHAPE_CELL:
        out[0] = (Item){NULL, ((PyCellObject *)object)->ob_ref, 0};
        return 1;
    default:
        return 0;
    }
}

/* Subclasses of immutable builtins have a value of their own beside attributes; so have classes
 * (their name) and bytearrays. */
static bool has_scalar(PyObject *object)
{
    return PyLong_Check(object) || PyUnicode_Check(object) || PyFloat_Check(object) || PyBytes_Check(object) ||
           PyByteArray_Check(object) || PyComplex_Check(object) || PyType_Check(object);
}

static void put_scalar(PyObject *object)
{
    if (PyLong_Check(object)) {
        put_int(object);
    }
    else if (PyUnicode_Check(object)) {
        put_string(object);
    }
    else if (PyFloat_Check(object)) {
        put_byte(V_FLOAT);
        put_bytes(&((PyFloatObject *)object)->ob_fval, 8);
    }
    else if (PyComplex_Check(object)) {
        put_byte(V_COMPLEX);
        put_bytes(&((PyComplexObject *)object)->cval, 16);
    }
    else if (PyByteArray_Check(object)) {
        put_byte_string(object, PyByteArray_AS_STRING(object), PyByteArray_GET_SIZE(object));
    }
    else if (PyType_Check(object)) {
        const char *literal;
        PyObject *label = label_of(object, SHAPE_CLASS, &literal);
        if (is_text(label)) {
            put_string(label);
        }
        else {
            put_byte(V_STR);
            put_c_text(literal);
        }
    }
    else {
        put_byte_string(object, PyBytes_AS_STRING(object), PyBytes_GET_SIZE(object));
    }
}

static uint64_t scalar_hash(PyObject *object)
{
    if (PyByteArray_Check(object)) {
        Py_ssize_t size = PyByteArray_GET_SIZE(object), kept = size < R.max_string ? size : R.max_string;
        return hash_bytes(PyByteArray_AS_STRING(object), (size_t)kept, (uint64_t)size);
    }
    return 1; /* the others are immutable */
}

/* Of an attribute, or of an item whose key is a str: told apart by its address. */
static inline uint64_t named_hash(PyObject *name, PyObject *value)
{
    return value_hash_inline(value, 1) ^ ((uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15ULL);
}

static inline uint64_t item_hash(const Item *item)
{
    if (item->value == NULL) {
        return 0;
    }
    if (item->key == NULL) {
        return value_hash(item->value, 1);
    }
    if (PyUnicode_CheckExact(item->key)) {
        return named_hash(item->key, item->value);
    }
    return mix(value_hash(item->value, 1), value_hash(item->key, 1));
}

static inline void put_item(const Item *item)
{
    if (item->key != NULL) {
        put_key(item->key, 1);
        put_named_value(item->key, item->value, 1);
    }
    else {
        put_value(item->value, 1);
    }
}
