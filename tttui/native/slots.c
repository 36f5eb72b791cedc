/* What variables held when they were last looked at, and writing what they hold. */
#include "recorder.h"
#include "hashing.h"

/* Whether the value of a slot may have content of its own: where not, lines need not look at it. */
static inline void note_holding(Shadow *shadow, int index, bool holds)
{
    if (LIKELY(index < 64 && index < shadow->code->cells_from)) {
        shadow->holding = (shadow->holding & ~(1ULL << index)) | (uint64_t)holds << index;
    }
}

/* Of the slots that a line reads, those of interest: in them is, or may by now be, what has content. */
static inline uint64_t slots_to_look_at(const Shadow *shadow, const LineInfo *line, int word)
{
    uint64_t bits = line->loads[word];
    return word == 0 ? bits & (shadow->holding | line->stores[0]) : bits;
}

static inline void count_slot(const Slot *slot, int change)
{
    if (slot->entry != NULL && slot->entry->object == slot->value && slot->entry->flags & ENTRY_WANDERS) {
        count_variable(slot->entry, change);
    }
}

static inline void remember_slot(Shadow *shadow, int index, PyObject *value)
{
    Slot *slot = &shadow->slots[index];
    shadow->words[index] = frame_word(shadow->frame, index);
    if (UNLIKELY(wanderer_count > 0)) {
        count_slot(slot, -1);
    }
    slot->value = value;
    slot->entry = NULL;
    slot->compound = false;
    note_acting(shadow, index, false);
    bool small = value == NULL || is_small(value);
    note_small(shadow, index, small);
    if (LIKELY(small)) {
        slot->hash = value == NULL ? 0 : Py_TYPE(value) == &PyLong_Type ? int_hash(value) : value_hash(value, 0);
        note_holding(shadow, index, false);
        return;
    }
    hash_met_object = false;
    slot->hash = value_hash(value, 0);
    PyTypeObject *type = Py_TYPE(value);
    if (type != &PyUnicode_Type && type != &PyLong_Type) {
        slot->entry = find_entry(value);
        if (UNLIKELY(wanderer_count > 0)) {
            count_slot(slot, 1);
        }
        shadow->holds_library |= slot->entry != NULL && slot->entry->info->shape == SHAPE_FOREIGN;
        slot->compound = slot->entry == NULL && hash_met_object;
        if (slot->compound && acts(value, 0)) {
            note_acting(shadow, index, true);
        }
    }
    note_holding(shadow, index, slot->entry != NULL || slot->compound);
}

/* The value of a variable, or its cell, whose content is written elsewhere. */
static void put_secret_slot(const Shadow *shadow, int index, PyObject *value)
{
    PyObject *name = PyTuple_GET_ITEM(shadow->code_object->co_localsplusnames, index);
    if (value != NULL && Py_TYPE(value) == &PyCell_Type) {
        PyObject *held = ((PyCellObject *)value)->ob_ref;
        if (held != NULL) {
            is_named_secret(name, held); /* known by its content from here on */
        }
    }
    put_named_value(name, value, 0);
}

static inline void put_slot_value(const Shadow *shadow, int index, PyObject *value)
{
    if (UNLIKELY(shadow->code->has_secrets)) {
        put_secret_slot(shadow, index, value);
    }
    else {
        put_value(value, 0);
    }
}

static inline void put_slot(const Shadow *shadow, int index, PyObject *value)
{
    if (LIKELY(index < 32)) {
        put_byte((uint8_t)(ST_VAR_SHORT | index));
    }
    else {
        put_byte(ST_VAR);
        put_unsigned((uint64_t)index);
    }
    in_new = value != NULL && (Py_TYPE(value) == &PyTuple_Type || Py_TYPE(value) == &PyFrozenSet_Type);
    put_slot_value(shadow, index, value);
    in_new = false;
}
