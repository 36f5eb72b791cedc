/* Looking into dicts without calling anything: keys are matched by identity, or by value where both
 * are exactly str or exactly int. */
#include "recorder.h"

static inline Py_ssize_t index_at(PyDictKeysObject *keys, size_t place)
{
    int log = keys->dk_log2_size;
    if (log < 8) {
        return ((int8_t *)keys->dk_indices)[place];
    }
    if (log < 16) {
        return ((int16_t *)keys->dk_indices)[place];
    }
#if SIZEOF_VOID_P > 4
    if (log >= 32) {
        return (Py_ssize_t)((int64_t *)keys->dk_indices)[place];
    }
#endif
    return ((int32_t *)keys->dk_indices)[place];
}

static inline bool is_dunder(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    return length > 4 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_' &&
           PyUnicode_READ_CHAR(name, length - 1) == '_' && PyUnicode_READ_CHAR(name, length - 2) == '_';
}

static bool same_text(PyObject *a, PyObject *b)
{
    return PyUnicode_GET_LENGTH(a) == PyUnicode_GET_LENGTH(b) && PyUnicode_KIND(a) == PyUnicode_KIND(b) &&
           memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)(PyUnicode_GET_LENGTH(a) * PyUnicode_KIND(a))) == 0;
}

static bool same_int(PyObject *a, PyObject *b)
{
    PyLongObject *x = (PyLongObject *)a, *y = (PyLongObject *)b;
    return int_digit_count(x) == int_digit_count(y) && int_is_negative(x) == int_is_negative(y) &&
           memcmp(int_digits(x), int_digits(y), (size_t)int_digit_count(x) * sizeof(digit)) == 0;
}

static bool same_key(PyObject *a, PyObject *b)
{
    if (a == b) {
        return true;
    }
    if (PyUnicode_CheckExact(a)) {
        return PyUnicode_CheckExact(b) && same_text(a, b);
    }
    return PyLong_CheckExact(a) && PyLong_CheckExact(b) && same_int(a, b);
}

typedef struct {
    PyObject *key, *value;
} Pair;

/* Entry number `place` of a dict's table, in insertion order; false for one that was deleted. */
static inline bool dict_entry(PyDictObject *dict, Py_ssize_t place, Pair *out)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (DK_IS_UNICODE(keys)) {
        PyDictUnicodeEntry *entry = &DK_UNICODE_ENTRIES(keys)[place];
        out->key = entry->me_key;
        out->value = dict->ma_values ? dict->ma_values->values[place] : entry->me_value;
    }
    else {
        PyDictKeyEntry *entry = &DK_ENTRIES(keys)[place];
        out->key = entry->me_key;
        out->value = entry->me_value;
    }
    return out->key != NULL && out->value != NULL;
}

/* The hash that exactly this key has, without running code; false where it can't be known so. */
static bool key_hash(PyObject *key, Py_hash_t *hash)
{
    if (PyUnicode_CheckExact(key)) {
        *hash = ((PyASCIIObject *)key)->hash;
        if (*hash == -1) {
            *hash = PyObject_Hash(key); /* of an exact str: no code of the program runs */
        }
        return true;
    }
    if (PyLong_CheckExact(key)) {
        *hash = PyObject_Hash(key);
        return true;
    }
    return false;
}

/* Whether a key of another type was met that may be equal to the one that was last looked up. */
static bool met_other_key;

/* The place of a key in the table, -1 where it isn't there (or isn't exactly str or int). */
static Py_ssize_t dict_place(PyDictObject *dict, PyObject *key)
{
    Py_hash_t hash;
    PyDictKeysObject *keys = dict->ma_keys;
    bool unicode = DK_IS_UNICODE(keys);
    met_other_key = false;
    if ((unicode && !PyUnicode_CheckExact(key)) || !key_hash(key, &hash)) {
        return -1;
    }
    size_t mask = (size_t)DK_SIZE(keys) - 1, perturb = (size_t)hash, place = (size_t)hash & mask;
    for (size_t tries = 0; tries <= mask; tries++) {
        Py_ssize_t index = index_at(keys, place);
        if (index == -1) {
            return -1;
        }
        if (index >= 0) {
            if (unicode) {
                PyObject *found = DK_UNICODE_ENTRIES(keys)[index].me_key;
                if (found == key || (((PyASCIIObject *)found)->hash == hash && same_text(found, key))) {
                    return index;
                }
            }
            else {
                PyDictKeyEntry *entry = &DK_ENTRIES(keys)[index];
                if (entry->me_key == key || (entry->me_hash == hash && same_key(entry->me_key, key))) {
                    return index;
                }
                if (UNLIKELY(entry->me_hash == hash && entry->me_value != NULL && !PyUnicode_CheckExact(entry->me_key) && !PyLong_CheckExact(entry->me_key))) {
                    met_other_key = true;
                }
            }
        }
        perturb >>= 5;
        place = (place * 5 + perturb + 1) & mask;
    }
    return -1;
}

static PyObject *dict_find(PyObject *dict, PyObject *key)
{
    Pair pair;
    Py_ssize_t place = dict_place((PyDictObject *)dict, key);
    return place >= 0 && dict_entry((PyDictObject *)dict, place, &pair) ? pair.value : NULL;
}

static PyObject *text_name; /* "__name__" */

/* A text in a dict: under `name`, or under "__name__". */
static PyObject *dict_get_text(PyObject *dict, PyObject *name)
{
    PyObject *found = dict_find(dict, name != NULL ? name : text_name);
    return is_text(found) ? found : NULL;
}

static inline Py_ssize_t dict_end(PyDictObject *dict) { return dict->ma_keys->dk_nentries; }

/* Changes whenever the dict does, where CPython keeps such a counter (3.11-3.13), else 0. */
static inline uint64_t dict_version(PyDictObject *dict)
{
#if PY_VERSION_HEX < 0x030c0000
    return dict->ma_version_tag;
#elif PY_VERSION_HEX < 0x030d0000
    return dict->ma_version_tag >> 8; /* the low bits tell who watches the dict */
#elif PY_VERSION_HEX < 0x030e0000
    return dict->ma_version_tag >> 12;
#else
    (void)dict;
    return 0;
#endif
}

/* collections.OrderedDict keeps its own order in a linked list. */
typedef struct OrderedNode {
    PyObject *key;
    Py_hash_t hash;
    struct OrderedNode *next, *previous;
} OrderedNode;
typedef struct {
    PyDictObject dict;
    OrderedNode *first, *last;
} OrderedLayout;

/* collections.deque: blocks of 64 pointers. */
#define DEQUE_BLOCK 64
typedef struct DequeBlock {
    struct DequeBlock *left;
    PyObject *data[DEQUE_BLOCK];
    struct DequeBlock *right;
} DequeBlock;
typedef struct {
    PyObject_VAR_HEAD
    DequeBlock *left_block, *right_block;
    Py_ssize_t left_index, right_index;
    size_t state;
    Py_ssize_t most; /* -1: as many as there are */
} DequeLayout;
