/* What a line gave to code that isn't recorded: nothing else can that have changed, but for what it has kept. */
#include "recorder.h"

/* What can't be changed, and whose methods change nothing else; functions that change nothing, whatever they are given. */
static bool is_harmless_value(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    if (is_plain(value) || type == &PyBytes_Type) {
        return true;
    }
    if (PyCFunction_Check(value)) {
        PyObject *self = ((PyCFunctionObject *)value)->m_self;
        return self != NULL && (is_plain(self) || is_regular_expression(Py_TYPE(self)));
    }
    if (type == &PyTuple_Type) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
            if (i == 8 || PyTuple_GET_ITEM(value, i) == NULL || !is_plain(PyTuple_GET_ITEM(value, i))) {
                return false;
            }
        }
        return true;
    }
    return is_regular_expression(type);
}

/* An attribute that a call got; NULL where it isn't the instance's own, and so may have been any value. */
static PyObject *given_attribute(const Shadow *shadow, const LineInfo *line, int i)
{
    const Slot *slot = &shadow->slots[line->given.attributes[i].slot];
    const Entry *entry = slot->entry;
    if (entry == NULL || entry->object == NULL || entry->object != slot->value || !entry->info->has_attributes || entry->info->shape == SHAPE_CLASS ||
        entry->info->mixed) { /* a library's property may come before it */
        return NULL;
    }
    return find_attribute(entry->object, entry->info, line->given.attributes[i].name);
}

/* Whether calls of code that isn't recorded got what is known by now, and nothing else. */
static bool knows_what_calls_got(const Shadow *shadow, const LineInfo *line)
{
    if (line->given.anything || shadow->recorded_calls > 0 || shadow->indirect_calls > 0 || shadow->result_count > 0) {
        return false;
    }
    for (int i = 0; i < line->given.attribute_count; i++) {
        if (given_attribute(shadow, line, i) == NULL) {
            return false;
        }
    }
    return true;
}

/* Whether they may have got from another line of the statement what isn't to be found any more. */
static bool got_what_is_lost(const Shadow *shadow, const LineInfo *line)
{
    bool lost = line->given.lost;
    for (int i = 0; line->given.elsewhere && i < line->given.attribute_count; i++) {
        lost |= given_attribute(shadow, line, i) == NULL;
    }
    return lost;
}

static bool got_only_harmless(Shadow *shadow, LineInfo *line)
{
    for (uint64_t bits = line->given.slots; bits; bits &= bits - 1) {
        int index = __builtin_ctzll(bits);
        PyObject *value = frame_slot(shadow->frame, index);
        if (value == NULL || value != shadow->slots[index].value || !is_harmless_value(value)) {
            return false;
        }
    }
    for (int i = 0; i < line->given.attribute_count; i++) {
        if (!is_harmless_value(given_attribute(shadow, line, i))) {
            return false;
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; line->given.globals && i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value == NULL || !is_harmless_value(value)) {
            return false;
        }
    }
    return true;
}

static inline void look_at_slot(Shadow *shadow, int index, const Where *where)
{
    const Slot *kept = &shadow->slots[index];
    PyObject *value = frame_slot(shadow->frame, index);
    Entry *entry = kept->entry;
    if (UNLIKELY(value != kept->value && entry != NULL && (where->loose || where->line->flags & LINE_MUTATES)) && entry->object == kept->value) {
        look_at(entry, where, 0); /* the line may have changed what the variable held before it */
    }
    if (value == NULL) {
        return;
    }
    if (LIKELY(value == kept->value && entry != NULL && entry->object == value)) {
        look_at(entry, where, 0);
    }
    else if (value != kept->value || index >= shadow->code->cells_from || kept->compound) {
        look_at_value(value, where, 0);
    }
}

static void look_at_given(Shadow *shadow, LineInfo *line, const Where *where)
{
    for (uint64_t bits = line->given.slots & (shadow->holding | line->stores[0]); bits; bits &= bits - 1) {
        look_at_slot(shadow, __builtin_ctzll(bits), where);
    }
    for (int i = 0; i < line->given.attribute_count; i++) {
        PyObject *value = given_attribute(shadow, line, i);
        if (value != NULL) {
            look_at_value(value, where, 0);
        }
        else {
            look_at_slot(shadow, line->given.attributes[i].slot, where);
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; line->given.globals && i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && is_of_interest(value, where)) {
            look_at_value(value, where, 0);
        }
    }
}
