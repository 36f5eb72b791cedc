#include "followed.h"
#include "scalar_tests.h"

#include <stdlib.h>
#include <string.h>

typedef enum { ATTRIBUTES = 1, LENGTHS = 2, ITEMS = 4 } Sorts;

static Sorts sort_of(uint64_t name)
{
    return name == LENGTH ? LENGTHS : name >= FIRST_ITEM ? ITEMS : ATTRIBUTES;
}

static bool without_memory(void)
{
    PyErr_NoMemory();
    return false;
}

/* ---- names and arguments ---- */

static uint32_t place_of(const Followed *followed, uint64_t name)
{
    uint32_t place = 0;
    while (place < followed->count && followed->names[place] != name)
        place++;
    return place;
}

uint32_t followed_name(Followed *followed, uint64_t name)
{
    uint32_t place = place_of(followed, name);
    if (place < followed->count)
        return place;
    if (place == MOST_NAMES)
        return MOST_NAMES;
    Sorts sort = sort_of(name);
    followed->attributes = followed->attributes || sort == ATTRIBUTES;
    followed->lengths = followed->lengths || sort == LENGTHS;
    followed->items = followed->items || sort == ITEMS;
    followed->names[followed->count++] = name;
    return place;
}

static bool read_types(Types *types, PyObject *wanted)
{
    types->count = PyTuple_GET_SIZE(wanted);
    if (types->count > MOST_TYPES) {
        types->count = 0;
        PyErr_SetString(PyExc_ValueError, "too many types");
        return false;
    }
    for (Py_ssize_t index = 0; index < types->count && !PyErr_Occurred(); index++)
        types->ids[index] = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(wanted, index));
    return !PyErr_Occurred();
}

/* Which of the items are those of an index. */
static bool read_indices(Followed *followed)
{
    PyObject *key, *name;
    for (Py_ssize_t at = 0; PyDict_Next(followed->keys, &at, &key, &name);) {
        uint32_t place = place_of(followed, PyLong_AsUnsignedLongLong(name));
        if (PyErr_Occurred())
            return false;
        if (place == followed->count || !PyLong_CheckExact(key))
            continue;
        int overflow;
        followed->indices[place] = PyLong_AsLongLongAndOverflow(key, &overflow);
        followed->is_index[place] = overflow == 0;
        followed->places.items = followed->places.items || overflow == 0;
    }
    return !PyErr_Occurred();
}

/* How the keys of the items are told from each other without making objects of them. */
static bool read_keys(Followed *followed)
{
    PyObject *key, *name;
    followed->only_plain_keys = true;
    for (Py_ssize_t at = 0; PyDict_Next(followed->keys, &at, &key, &name);) {
        uint64_t number = PyLong_AsUnsignedLongLong(name);
        if (PyErr_Occurred())
            return false;
        if (followed->item_count == MOST_NAMES) {
            PyErr_SetString(PyExc_ValueError, "too many keys");
            return false;
        }
        Scalar scalar = scalar_from(key);
        followed->items_of[followed->item_count++] = (FollowedKey){number, scalar};
        followed->only_plain_keys = followed->only_plain_keys && (scalar.kind == S_TEXT || scalar.kind == S_INT);
    }
    return true;
}

/* What no name is about needn't be followed. */
static void choose_parts(Followed *followed)
{
    followed->parts = (uint8_t)((followed->attributes ? 1 << PART_ATTRIBUTES : 0)
                                | (followed->lengths || followed->items ? 1 << PART_PAIRS : 0)
                                | (followed->lengths || followed->places.items ? 1 << PART_ITEMS : 0));
    followed->places.without_attributes = !followed->attributes;
    followed->places.without_pairs = !followed->items;
}

bool followed_containers(Followed *followed, PyObject *containers)
{
    PyObject *sized, *dicts, *lists;
    bool good = PyArg_ParseTuple(containers, "O!O!O!O!OO!;containers are (types, types, types, keys, missing, known)", &PyTuple_Type,
                            &sized, &PyTuple_Type, &dicts, &PyTuple_Type, &lists, &PyDict_Type, &followed->keys,
                            &followed->missing, &PyDict_Type, &followed->known)
                && read_types(&followed->sized, sized) && read_types(&followed->dicts, dicts)
                && read_types(&followed->lists, lists) && read_indices(followed) && read_keys(followed);
    choose_parts(followed);
    return good;
}

void followed_free(Followed *followed)
{
    map_free(&followed->index_of);
    places_free(&followed->places);
    free(followed->objects);
    free(followed->values);
    free(followed->found);
}

/* ---- objects ---- */

static size_t index_of(Followed *followed, uint64_t object)
{
    if (followed->last != object) {
        followed->last = object;
        followed->last_index = (size_t)map_get(&followed->index_of, object, 0);
    }
    return followed->last_index;
}

/* The values of an object, and the object itself; NULL without memory. Only until the next is asked for. */
static uint64_t *values_of(Followed *followed, uint64_t object, FollowedObject **facts)
{
    size_t index = index_of(followed, object);
    if (index == 0) {
        if (followed->object_count == followed->object_capacity) {
            size_t capacity = followed->object_capacity * 2 + 64;
            FollowedObject *objects = realloc(followed->objects, capacity * sizeof *objects);
            if (objects == NULL)
                return NULL;
            followed->objects = objects;
            uint64_t *values = realloc(followed->values, capacity * followed->count * sizeof *values);
            if (values == NULL)
                return NULL;
            followed->values = values;
            followed->object_capacity = capacity;
        }
        index = followed->object_count + 1;
        if (!map_put(&followed->index_of, object, 0, index))
            return NULL;
        followed->objects[followed->object_count] = (FollowedObject){.id = object};
        memset(followed->values + followed->object_count * followed->count, 0, followed->count * sizeof *followed->values);
        followed->object_count++;
        followed->last_index = index;
    }
    *facts = &followed->objects[index - 1];
    return followed->values + (index - 1) * followed->count;
}

static bool is_among(const Types *types, uint64_t type)
{
    for (Py_ssize_t index = 0; index < types->count; index++)
        if (types->ids[index] == type)
            return true;
    return false;
}

/* Sets all names of some sorts. */
static void set_all(const Followed *followed, uint64_t *values, Sorts sorts, uint64_t value)
{
    for (uint32_t place = 0; place < followed->count; place++)
        if (sort_of(followed->names[place]) & sorts)
            values[place] = value;
}

static void set(const Followed *followed, uint64_t *values, uint64_t name, uint64_t value)
{
    uint32_t place = place_of(followed, name);
    if (place < followed->count)
        values[place] = value;
}

/* Sets how much an object holds; what is too much to be kept here isn't told. */
static void set_length(const Followed *followed, uint64_t *values, uint64_t length)
{
    if (followed->lengths)
        set(followed, values, LENGTH, length < MISSING - 1 ? length + 1 : NOT_TOLD);
}

/* An object holds more, and less, than before. */
static void change_length(const Followed *followed, uint64_t *values, uint64_t more, uint64_t less)
{
    if (!followed->lengths)
        return;
    uint64_t told = values[place_of(followed, LENGTH)];
    if (more > UINT32_MAX || less > UINT32_MAX)
        told = NOT_TOLD;
    else if (told == 0 || is_known_before(told))
        told = SHIFTED + more - less;
    else if (is_shifted(told)) {
        told = told + more - less;
        told = is_shifted(told) ? told : NOT_TOLD;
    } else if (told < MISSING) {
        if (told - 1 + more >= less)
            set_length(followed, values, told - 1 + more - less);
        else
            set(followed, values, LENGTH, NOT_TOLD);
        return;
    }
    set(followed, values, LENGTH, told);
}

/* An object holds so much. Of a type whose length is something else nothing was told before. */
static void resize(const Followed *followed, uint64_t *values, uint64_t length)
{
    if (!followed->lengths)
        return;
    uint64_t told = values[place_of(followed, LENGTH)];
    if (told != 0 && (told < MISSING || is_known_before(told)))
        set_length(followed, values, length);
    else
        set(followed, values, LENGTH, NOT_TOLD);
}

/* ---- records ---- */

static uint64_t value_here(const Cursor *body)
{
    return (uint64_t)(body->at - body->start) + 1;
}

/* Takes in `count` entries of the attributes at the cursor. */
static void take_attributes(const Followed *followed, Cursor *body, uint64_t *values, uint64_t count)
{
    for (; count > 0 && body->error == NULL; count--) {
        uint64_t name = read_number(body);
        if (name != 0 && name < LENGTH)
            set(followed, values, name, value_here(body));
        skip_value(body);
    }
}

/* The name of the item at a key; 0 where it is none that is wanted, or with an exception; *doubtful where that can't be told. */
static uint64_t item_at(const Followed *followed, const Replay *replay, const uint8_t *key, bool *doubtful)
{
    Scalar here = scalar_in(replay, key);
    if (here.kind == S_TEXT || here.kind == S_INT) {
        /* Texts and ints are told apart by their bytes and numbers, where no key is of another kind that equals some. */
        for (uint32_t index = 0; index < followed->item_count; index++) {
            const FollowedKey *item = &followed->items_of[index];
            if (item->key.kind == here.kind
                && (here.kind == S_INT ? item->key.number == here.number
                                       : item->key.text.size == here.text.size
                                             && memcmp(item->key.text.bytes, here.text.bytes, here.text.size) == 0))
                return item->name;
        }
        if (followed->only_plain_keys)
            return 0;
    }
    PyObject *scalar = scalar_at(replay, key);
    PyObject *name = scalar != NULL ? PyDict_GetItemWithError(followed->keys, scalar) : NULL;
    if (scalar == NULL)
        *doubtful = true;
    Py_XDECREF(scalar);
    return name != NULL ? PyLong_AsUnsignedLongLong(name) : 0;
}

/* Takes in `count` pairs at the cursor; false with an exception. */
static bool take_pairs(const Followed *followed, const Replay *replay, Cursor *body, uint64_t *values, uint64_t count,
                       bool *doubtful)
{
    for (; count > 0 && body->error == NULL; count--) {
        const uint8_t *key = body->at;
        skip_value(body);
        if (body->error != NULL)
            return true;
        uint64_t name = item_at(followed, replay, key, doubtful);
        if (PyErr_Occurred())
            return false;
        if (name != 0)
            set(followed, values, name, value_here(body));
        skip_value(body);
    }
    return true;
}

static bool take_content(const Followed *followed, const Replay *replay, const Record *record, FollowedObject *facts,
                         uint64_t *values)
{
    bool doubtful = false, is_sized = followed->lengths && is_among(&followed->sized, record->code);
    facts->is_dict = followed->items && is_among(&followed->dicts, record->code);
    facts->is_list = followed->items && is_among(&followed->lists, record->code);
    set_all(followed, values, ATTRIBUTES | LENGTHS | ITEMS, NOT_TOLD);
    Cursor body = body_of(&replay->cursor, record);
    for (uint64_t parts = record->count; parts > 0 && body.error == NULL; parts--) {
        uint8_t part = read_byte(&body);
        uint64_t length = read_number(&body), held = 0;
        bool items = facts->is_dict && part == PART_PAIRS;
        if (is_sized && (part == PART_PAIRS || part == PART_ITEMS))
            set_length(followed, values, length);
        if (items)
            set_all(followed, values, ITEMS, MISSING);
        for (int end = 0; end < 2; end++) {
            uint64_t count = read_number(&body);
            held += count;
            if (items && !take_pairs(followed, replay, &body, values, count, &doubtful))
                return false;
            if (!items && part == PART_ATTRIBUTES)
                take_attributes(followed, &body, values, count);
            else if (!items)
                for (; count > 0 && body.error == NULL; count--)
                    skip_entry(&body, part);
        }
        if (items && (held != length || doubtful))
            set_all(followed, values, ITEMS, NOT_TOLD);
    }
    return true;
}

/* Takes away what a splice deletes; false with an exception. */
static bool take_deleted(Followed *followed, const Replay *replay, const Record *record, uint64_t *values)
{
    Sorts sort = record->part == PART_ATTRIBUTES ? ATTRIBUTES : ITEMS;
    const uint32_t *deleted = places_deleted(&followed->places, &replay->cursor, record);
    if (deleted == NULL) {
        set_all(followed, values, sort, NOT_TOLD);
        return true;
    }
    bool doubtful = false;
    for (uint64_t index = 0; index < record->names; index++) {
        Cursor key = replay->cursor;
        key.at = key.start + deleted[index];
        uint64_t name = sort == ITEMS ? item_at(followed, replay, key.at, &doubtful) : read_number(&key);
        if (PyErr_Occurred())
            return false;
        if (name != 0 && sort_of(name) == sort)
            set(followed, values, name, sort == ITEMS ? MISSING : NOT_TOLD);
    }
    return true;
}

static bool take_splice(Followed *followed, const Replay *replay, const Record *record, const FollowedObject *facts,
                        uint64_t *values)
{
    Cursor body = body_of(&replay->cursor, record);
    if (record->part == PART_ATTRIBUTES) {
        if (record->names != 0 && !take_deleted(followed, replay, record, values))
            return false;
        take_attributes(followed, &body, values, record->count);
        return true;
    }
    change_length(followed, values, record->count, record->names);
    if (!followed->items || facts->is_list)
        return true;
    if (record->part != PART_PAIRS || !facts->is_dict) {
        set_all(followed, values, ITEMS, NOT_TOLD);
        return true;
    }
    bool doubtful = false;
    if ((record->names != 0 && !take_deleted(followed, replay, record, values))
        || !take_pairs(followed, replay, &body, values, record->count, &doubtful))
        return false;
    if (doubtful)
        set_all(followed, values, ITEMS, NOT_TOLD);
    return true;
}

/* A key of a dict was set or taken away; how many there are isn't said. */
static bool take_key(const Followed *followed, const Replay *replay, const Record *record, const FollowedObject *facts,
                     uint64_t *values)
{
    if (followed->lengths)
        set(followed, values, LENGTH, NOT_TOLD);
    if (!followed->items)
        return true;
    bool doubtful = record->part != PART_PAIRS || !facts->is_dict;
    Cursor body = body_of(&replay->cursor, record);
    if (record->tag == OB_SETKEY) {
        if (!doubtful && !take_pairs(followed, replay, &body, values, 1, &doubtful))
            return false;
    } else if (!doubtful) {
        uint64_t name = item_at(followed, replay, body.at, &doubtful);
        if (PyErr_Occurred())
            return false;
        if (name != 0)
            set(followed, values, name, MISSING);
    }
    if (doubtful)
        set_all(followed, values, ITEMS, NOT_TOLD);
    return true;
}

bool followed_step(Followed *followed, const Replay *replay, const Record *record)
{
    bool whole = record->tag == OB_NEW || record->tag == OB_SNAPSHOT;
    if (record->tag == OB_DIED || followed->count == 0)
        return true;
    if (!whole && !(followed->parts >> record->part & 1))
        return true;
    FollowedObject *facts;
    uint64_t *values = values_of(followed, record->id, &facts);
    if (values == NULL)
        return without_memory();
    bool good = true;
    if (whole)
        good = take_content(followed, replay, record, facts, values);
    else if (record->tag == OB_SPLICE)
        good = take_splice(followed, replay, record, facts, values);
    else if (record->part == PART_ATTRIBUTES)
        set_all(followed, values, ATTRIBUTES, NOT_TOLD);
    else if (record->tag == OB_RESIZE) {
        set_all(followed, values, ITEMS, NOT_TOLD);
        resize(followed, values, record->names);
    } else
        good = take_key(followed, replay, record, facts, values);
    if (!good)
        return false;
    return (!followed->attributes && !followed->items) || places_step(&followed->places, &replay->cursor, record)
           || without_memory();
}

/* ---- what it is ---- */

PyObject *scalar_at(const Replay *replay, const uint8_t *value)
{
    uint8_t tag = *value;
    if (tag >= V_SMALL_INT)
        return PyLong_FromLong((long)(tag & 0x7f) - 16);
    switch (tag) {
    case V_NONE:
    case V_TRUE:
    case V_FALSE:
    case V_INT:
    case V_BIGINT:
    case V_FLOAT:
    case V_STR:
        return decode_value_at(&replay->cursor, value);
    default:
        return NULL;
    }
}

PyObject *scalar_or_any(const Replay *replay, const uint8_t *value, bool may_be_any)
{
    PyObject *scalar = scalar_at(replay, value);
    if (scalar != NULL || PyErr_Occurred() || !may_be_any)
        return scalar;
    return scalar_in(replay, value).kind == S_ANY ? Py_NewRef(Py_Ellipsis) : NULL;
}

/* Where the item of a list stands, at the index that is the name at a place. */
static uint64_t item_of_list(Followed *followed, const Replay *replay, uint64_t object, uint32_t name)
{
    uint32_t length;
    const uint32_t *items = followed->is_index[name] ? places_items(&followed->places, &replay->cursor, object, &length) : NULL;
    if (items == NULL)
        return NOT_TOLD;
    int64_t index = followed->indices[name];
    if (index < 0)
        index += length;
    return index < 0 || index >= (int64_t)length ? MISSING : (uint64_t)items[index] + 1;
}

/* What was known of it at the chunk's beginning, kept so that it is looked up once; 0: nothing, or with an exception. */
static uint64_t look_up(Followed *followed, uint64_t object, uint32_t name)
{
    PyObject *key = Py_BuildValue("KK", (unsigned long long)object, (unsigned long long)followed->names[name]);
    PyObject *known = key != NULL ? PyDict_GetItemWithError(followed->known, key) : NULL;
    Py_XDECREF(key);
    if (known == NULL)
        return 0;
    if (known == Py_NotImplemented)
        return NOT_TOLD;
    if (known == followed->missing)
        return MISSING;
    FollowedObject *facts;
    uint64_t *values = values_of(followed, object, &facts);
    if (values == NULL) {
        PyErr_NoMemory();
        return 0;
    }
    if (is_shifted(values[name])) {
        uint64_t before = PyLong_Check(known) ? PyLong_AsUnsignedLongLong(known) : UINT64_MAX;
        PyErr_Clear();
        uint64_t length = before + values[name] - SHIFTED;
        return before < MISSING && length < MISSING - 1 ? length + 1 : NOT_TOLD;
    }
    if (followed->found_count == followed->found_capacity) {
        size_t capacity = followed->found_capacity * 2 + 64;
        PyObject **found = realloc(followed->found, capacity * sizeof *found);
        if (found == NULL) {
            PyErr_NoMemory();
            return 0;
        }
        followed->found = found;
        followed->found_capacity = capacity;
    }
    followed->found[followed->found_count] = known;
    return values[name] = KNOWN + followed->found_count++;
}

uint64_t followed_value(Followed *followed, const Replay *replay, uint64_t object, uint32_t name)
{
    size_t index = index_of(followed, object);
    uint64_t told = 0;
    if (index != 0) {
        told = followed->values[(index - 1) * followed->count + name];
        if (followed->objects[index - 1].is_list && sort_of(followed->names[name]) == ITEMS)
            told = item_of_list(followed, replay, object, name);
    }
    if (told != 0 && !is_shifted(told))
        return told;
    uint64_t before = look_up(followed, object, name);
    return before != 0 ? before : told;
}

/* What stands in the ends for a value; NULL with an exception. */
static PyObject *end_of(const Followed *followed, const Replay *replay, uint32_t name, uint64_t told)
{
    if (told == NOT_TOLD)
        return Py_NewRef(Py_NotImplemented);
    if (told == MISSING)
        return Py_NewRef(followed->missing);
    if (followed->names[name] == LENGTH)
        return PyLong_FromUnsignedLongLong(told - 1);
    const uint8_t *value = replay->cursor.start + told - 1;
    if (followed->is_way[name] && *value == V_OBJECT) {
        Cursor id = replay->cursor;
        id.at = value + 1;
        return Py_BuildValue("(K)", (unsigned long long)read_number(&id));
    }
    PyObject *scalar = scalar_or_any(replay, value, true);
    return scalar != NULL || PyErr_Occurred() ? scalar : Py_NewRef(Py_NotImplemented);
}

PyObject *followed_ends(Followed *followed, const Replay *replay)
{
    PyObject *ends = PyDict_New();
    for (size_t index = 0; ends != NULL && index < followed->object_count; index++) {
        const FollowedObject *object = &followed->objects[index];
        for (uint32_t name = 0; ends != NULL && name < followed->count; name++) {
            uint64_t told = followed->values[index * followed->count + name];
            if (object->is_list && sort_of(followed->names[name]) == ITEMS)
                told = item_of_list(followed, replay, object->id, name);
            if (is_shifted(told) && (told = look_up(followed, object->id, name)) == 0)
                told = NOT_TOLD;
            if (told == 0 || is_known_before(told))
                continue;
            if (PyErr_Occurred())
                Py_CLEAR(ends);
            PyObject *value = ends != NULL ? end_of(followed, replay, name, told) : NULL;
            PyObject *key = value != NULL ? Py_BuildValue("KK", (unsigned long long)object->id,
                                                          (unsigned long long)followed->names[name])
                                          : NULL;
            if (key == NULL || PyDict_SetItem(ends, key, value) < 0)
                Py_CLEAR(ends);
            Py_XDECREF(key);
            Py_XDECREF(value);
        }
    }
    return ends;
}
