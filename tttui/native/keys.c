/* Which keys and indices a line uses: found in its instructions once, where they are simple enough to be
 * worked out again from the variables afterwards. A line that uses others is marked with that. */
#include "recorder.h"

#include <stdlib.h>

#define MOST_KEY_PLANS 8

static inline bool is_key(const KeyPlan *key) { return key->left.kind != KEY_UNKNOWN && key->left.kind <= KEY_NUMBER; }

static inline bool is_simple(const KeyPlan *key) { return key->op == 0 && is_key(key); }

/* Whether the key can be worked out again. */
static bool add_key_plan(LineInfo *info, KeyPlan key, bool sets)
{
    if (!is_key(&key) || info->plan_count == MOST_KEY_PLANS) {
        return false;
    }
    if (info->plans == NULL) {
        info->plans = calloc(MOST_KEY_PLANS, sizeof(KeyPlan));
    }
    if (info->plans == NULL) {
        return false;
    }
    key.sets = sets;
    info->plans[info->plan_count++] = key;
    return true;
}

static bool is_stored_name(const LineInfo *info, PyObject *name)
{
    for (int i = 0; i < info->stored_name_count; i++) {
        if (info->stored_names[i] == name) {
            return true;
        }
    }
    for (int i = 0; i < info->stored_global_count; i++) {
        if (info->stored_globals[i] == name) {
            return true;
        }
    }
    return false;
}

static bool part_changes(const LineInfo *info, PyCodeObject *code, KeyPart part)
{
    if (part.kind == KEY_SLOT) {
        return part.index >= code->co_nlocalsplus || info->stores[part.index >> 6] >> (part.index & 63) & 1;
    }
    if (part.kind == KEY_ATTRIBUTE) {
        int slot = part.index >> 16;
        return (part.index & 65535) >= PyTuple_GET_SIZE(code->co_names) || info->wild_calls > 0 ||
               info->flags & (LINE_SETS_ATTRIBUTE | LINE_ALL_NAMES) || slot >= code->co_nlocalsplus ||
               info->stores[slot >> 6] >> (slot & 63) & 1;
    }
    if (part.kind == KEY_NAME || part.kind == KEY_GLOBAL) { /* what the line calls may set it */
        return part.index >= PyTuple_GET_SIZE(code->co_names) || info->wild_calls > 0 || info->flags & LINE_ALL_NAMES ||
               is_stored_name(info, PyTuple_GET_ITEM(code->co_names, part.index));
    }
    return false;
}

/* A plan holds where its variables have the same values after the line as in it. `needed`: what the line changes is
 * found by them. */
static void drop_uncertain_plans(LineInfo *info, PyCodeObject *code, bool loops, bool needed)
{
    uint16_t kept = 0;
    for (uint16_t i = 0; i < info->plan_count; i++) {
        KeyPlan plan = info->plans[i];
        if (loops || part_changes(info, code, plan.left) || (plan.op && part_changes(info, code, plan.right)) ||
            (plan.op2 && part_changes(info, code, plan.third))) {
            info->flags |= (plan.sets ? LINE_MIDDLE : 0) | (needed ? LINE_EACH : 0);
        }
        else {
            info->plans[kept++] = plan;
        }
    }
    info->plan_count = kept;
}

/* ---- working them out ---- */

/* What a plan comes to: a number, or else an object (borrowed). */
typedef struct {
    bool is_number;
    Py_ssize_t number;
    PyObject *object;
} Key;

static bool key_of_object(PyObject *object, Key *key)
{
    if (object == NULL || (!PyLong_CheckExact(object) && !PyUnicode_CheckExact(object))) {
        return false;
    }
    *key = (Key){false, 0, object};
    if (PyLong_CheckExact(object)) {
        PyLongObject *value = (PyLongObject *)object;
        Py_ssize_t count = int_digit_count(value);
        if (count > 1) {
            return true; /* a key of a dict perhaps, no index */
        }
        key->number = count ? (Py_ssize_t)int_digits(value)[0] : 0;
        key->number = int_is_negative(value) ? -key->number : key->number;
        key->is_number = true;
    }
    return true;
}

/* An attribute that the instance has itself, and of which its class knows nothing (a property, say). */
static PyObject *plain_attribute(PyObject *object, PyObject *name)
{
    if (object == NULL || !(Py_TYPE(object)->tp_flags & Py_TPFLAGS_HEAPTYPE) || PyType_Check(object)) {
        return NULL;
    }
    PyObject *mro = Py_TYPE(object)->tp_mro;
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        PyObject *dict = type_dict(base), *found = dict != NULL ? dict_find(dict, name) : NULL;
        if (found != NULL && Py_TYPE(found) != &PyMemberDescr_Type) {
            return NULL;
        }
    }
    return find_attribute(object, type_info(Py_TYPE(object)), name);
}

static bool key_of_part(const Shadow *shadow, KeyPart part, Key *key)
{
    PyCodeObject *code = shadow->code_object;
    PyObject *globals = frame_globals(shadow->frame);
    if (shadow->recorded_calls > 0 && (part.kind == KEY_NAME || part.kind == KEY_GLOBAL || part.kind == KEY_ATTRIBUTE)) {
        return false; /* what was called may have set it */
    }
    switch (part.kind) {
    case KEY_ATTRIBUTE:
        return key_of_object(plain_attribute(frame_slot(shadow->frame, part.index >> 16),
                                             PyTuple_GET_ITEM(code->co_names, part.index & 65535)), key);
    case KEY_SLOT:
        return key_of_object(frame_slot(shadow->frame, part.index), key);
    case KEY_NAME: {
        PyObject *name = PyTuple_GET_ITEM(code->co_names, part.index);
        PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : NULL;
        PyObject *found = space != NULL ? dict_find(space, name) : NULL;
        if (found == NULL && PyDict_CheckExact(globals)) {
            found = dict_find(globals, name);
        }
        return key_of_object(found, key);
    }
    case KEY_GLOBAL:
        return PyDict_CheckExact(globals) && key_of_object(dict_find(globals, PyTuple_GET_ITEM(code->co_names, part.index)), key);
    case KEY_CONSTANT:
        return part.index < PyTuple_GET_SIZE(code->co_consts) && key_of_object(PyTuple_GET_ITEM(code->co_consts, part.index), key);
    case KEY_NUMBER:
        *key = (Key){true, part.index, NULL};
        return true;
    default:
        return false;
    }
}

/* The numbers are of at most 30 bits, so products of two of them fit; false where it can't be told. */
static bool operate(Key *key, uint8_t op, const Shadow *shadow, KeyPart part)
{
    Key right;
    Py_ssize_t bound = (Py_ssize_t)1 << 31;
    if (!key->is_number || key->number >= bound || key->number <= -bound) {
        return false;
    }
    key->object = NULL;
    if (op == KEY_NEGATE) {
        key->number = -key->number;
        return true;
    }
    if (!key_of_part(shadow, part, &right) || !right.is_number || ((op == KEY_FLOOR || op == KEY_MODULO) && right.number == 0)) {
        return false;
    }
    Py_ssize_t number = key->number, quotient;
    switch (op) {
    case KEY_PLUS:
        key->number = number + right.number;
        return true;
    case KEY_MINUS:
        key->number = number - right.number;
        return true;
    case KEY_TIMES:
        key->number = number * right.number;
        return true;
    default: /* they round down */
        quotient = number / right.number;
        quotient -= number % right.number != 0 && (number < 0) != (right.number < 0);
        key->number = op == KEY_FLOOR ? quotient : number - quotient * right.number;
        return true;
    }
}

/* Texts that were cut out of others, as keys of the line that is being looked at. */
static PyObject *cut_texts[2 * MOST_KEY_PLANS];
static unsigned cut_count;

/* Where a slice begins or ends, of a text of that length. */
static bool find_bound(const Shadow *shadow, KeyPart part, PyObject *constant, Py_ssize_t missing, Py_ssize_t length, Py_ssize_t *bound)
{
    Key key;
    if (part.kind == KEY_CONSTANT) {
        constant = PyTuple_GET_ITEM(shadow->code_object->co_consts, part.index);
    }
    if (constant == Py_None) {
        *bound = missing;
        return true;
    }
    if (!(constant != NULL ? key_of_object(constant, &key) : key_of_part(shadow, part, &key)) || !key.is_number) {
        return false;
    }
    *bound = key.number < 0 ? key.number + length : key.number;
    *bound = *bound < 0 ? 0 : *bound > length ? length : *bound;
    return true;
}

/* A piece of a text, which is made for it. */
static bool cut_key(const Shadow *shadow, const KeyPlan *plan, Key *key)
{
    if (!key_of_part(shadow, plan->left, key) || key->object == NULL || !PyUnicode_CheckExact(key->object)) {
        return false;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(key->object), from, to;
    bool constant = plan->right.kind == KEY_BOUNDS;
    if (plan->op == KEY_ITEM && !constant) {
        Key index;
        if (!key_of_part(shadow, plan->right, &index) || !index.is_number) {
            return false;
        }
        from = index.number < 0 ? index.number + length : index.number;
        to = from + 1;
        if (from < 0 || to > length) {
            return false;
        }
    }
    else {
        PySliceObject *slice = constant ? (PySliceObject *)PyTuple_GET_ITEM(shadow->code_object->co_consts, plan->right.index) : NULL;
        if ((constant && slice->step != Py_None) ||
            !find_bound(shadow, constant ? (KeyPart){KEY_UNKNOWN, 0} : plan->right, constant ? slice->start : NULL, 0, length, &from) ||
            !find_bound(shadow, constant ? (KeyPart){KEY_UNKNOWN, 0} : plan->third, constant ? slice->stop : NULL, length, length, &to)) {
            return false;
        }
    }
    if (from == 0 && to == length) {
        return true; /* the text itself, of which no reference is to be kept */
    }
    PyObject *text = PyUnicode_Substring(key->object, from, to > from ? to : from);
    if (text == NULL) {
        PyErr_Clear();
        return false;
    }
    PyObject **place = &cut_texts[cut_count++ % (2 * MOST_KEY_PLANS)];
    Py_XSETREF(*place, text);
    *key = (Key){false, 0, text};
    return true;
}

/* False where it can't be told. */
static bool find_key(const Shadow *shadow, const KeyPlan *plan, Key *key)
{
    if (plan->op == KEY_ITEM || plan->op == KEY_SLICE) {
        return shadow != NULL && cut_key(shadow, plan, key);
    }
    return shadow != NULL && key_of_part(shadow, plan->left, key) && (plan->op == 0 || operate(key, plan->op, shadow, plan->right)) &&
           (plan->op2 == 0 || operate(key, plan->op2, shadow, plan->third));
}

/* The place of a key in a dict's table; -1: it isn't there; then `met_other_key` tells whether an equal one may be. */
static Py_ssize_t place_of_key(PyDictObject *dict, const Key *key)
{
    met_other_key = true;
    if (key->object != NULL) {
        return dict_place(dict, key->object);
    }
    PyObject *number = PyLong_FromSsize_t(key->number);
    if (number == NULL) {
        PyErr_Clear();
        return -1;
    }
    Py_ssize_t place = dict_place(dict, number);
    Py_DECREF(number);
    return place;
}

static bool index_of_key(const Key *key, Py_ssize_t length, Py_ssize_t *index)
{
    *index = key->number < 0 ? key->number + length : key->number;
    return key->is_number && *index >= 0 && *index < length;
}
