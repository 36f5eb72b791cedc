/* Every difference between CPython versions that the recorder meets, behind one small vocabulary.
 * The structures read here are stable within a minor version (checked by diff of the headers of
 * 3.11.2..3.15.2); module.c refuses an interpreter of another minor version at import. */
#ifndef TTTUI_COMPAT_H
#define TTTUI_COMPAT_H

#ifndef Py_BUILD_CORE_MODULE
#define Py_BUILD_CORE_MODULE 1
#endif
#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>
#include <structmember.h>
#include <stdbool.h>
#include <stdint.h>

#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_object.h"
#if PY_VERSION_HEX >= 0x030e0000
#include "internal/pycore_interpframe.h"
#include "internal/pycore_pyhash.h" /* _Py_HashSecret */
#include "internal/pycore_tstate.h" /* the running task of asyncio */
#elif PY_VERSION_HEX < 0x030c0000
#include "internal/pycore_interp.h"
#endif
#include "internal/pycore_runtime.h"
#if PY_VERSION_HEX >= 0x030d0000
#include "opcode_ids.h"
#else
#include "opcode.h"
#endif

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x03100000
#error "tttui records CPython 3.11, 3.12, 3.13, 3.14 and 3.15"
#endif
#ifdef Py_GIL_DISABLED
#error "tttui does not record free-threaded builds of CPython"
#endif

#define WATCH_DICTS (PY_VERSION_HEX >= 0x030e0000) /* they have no version any more */
#define USE_MONITORING (PY_VERSION_HEX >= 0x030c0000)

typedef struct _PyInterpreterFrame Frame;

/* ---- frames (all references borrowed) ---- */

static inline Frame *thread_frame(PyThreadState *thread)
{
#if PY_VERSION_HEX >= 0x030d0000
    return thread->current_frame;
#else
    return thread->cframe->current_frame;
#endif
}

/* NULL for a frame that isn't Python code (3.12+ put shims between C and Python). */
static inline PyCodeObject *frame_code(Frame *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
    PyObject *executable = PyStackRef_AsPyObjectBorrow(frame->f_executable);
#elif PY_VERSION_HEX >= 0x030d0000
    PyObject *executable = frame->f_executable;
#else
    PyObject *executable = (PyObject *)frame->f_code;
#endif
    return executable != NULL && PyCode_Check(executable) ? (PyCodeObject *)executable : NULL;
}

static inline bool frame_is_shim(Frame *frame)
{
#if PY_VERSION_HEX >= 0x030e0000
    return frame->owner == FRAME_OWNED_BY_INTERPRETER;
#elif PY_VERSION_HEX >= 0x030c0000
    return frame->owner == FRAME_OWNED_BY_CSTACK;
#else
    return false;
#endif
}

/* Whether code is the interpreter's own, for the frame that it puts below an __init__ that it calls by itself, without C code in
 * between. It runs nothing, and lies in memory that can't be written. */
static inline bool is_of_interpreter(PyCodeObject *code)
{
#ifdef CO_NO_MONITORING_EVENTS
    return (code->co_flags & CO_NO_MONITORING_EVENTS) != 0;
#else
    (void)code;
    return false;
#endif
}

/* The frame that this one was called from. */
static inline Frame *frame_caller(Frame *frame)
{
    Frame *previous = frame->previous;
    PyCodeObject *code = previous != NULL && !frame_is_shim(previous) ? frame_code(previous) : NULL;
    return code != NULL && is_of_interpreter(code) ? previous->previous : previous;
}

/* Whether C code called this frame (later versions have a shim between). */
static inline bool frame_is_entry(Frame *frame)
{
#if PY_VERSION_HEX >= 0x030c0000
    (void)frame;
    return false;
#else
    return frame->is_entry;
#endif
}

static inline PyObject *frame_slot(Frame *frame, int slot)
{
#if PY_VERSION_HEX >= 0x030e0000
    _PyStackRef ref = frame->localsplus[slot];
    return PyStackRef_IsNull(ref) ? NULL : PyStackRef_AsPyObjectBorrow(ref);
#else
    return frame->localsplus[slot];
#endif
}

/* Whether what is in a slot is counted as a reference: later versions may leave that to the caller's own. */
static inline bool frame_slot_counts(Frame *frame, int slot)
{
#if PY_VERSION_HEX >= 0x030e0000
    return (frame->localsplus[slot].bits & Py_TAG_REFCNT) == 0;
#else
    (void)frame, (void)slot;
    return true;
#endif
}

/* Instructions that jump or not, by what they take from the stack. */
static inline bool branches_forward(int op)
{
    switch (op) {
#ifdef POP_JUMP_FORWARD_IF_FALSE
    case POP_JUMP_FORWARD_IF_FALSE:
    case POP_JUMP_FORWARD_IF_TRUE:
    case POP_JUMP_FORWARD_IF_NONE:
    case POP_JUMP_FORWARD_IF_NOT_NONE:
    case JUMP_IF_FALSE_OR_POP:
    case JUMP_IF_TRUE_OR_POP:
#else
    case POP_JUMP_IF_FALSE:
    case POP_JUMP_IF_TRUE:
    case POP_JUMP_IF_NONE:
    case POP_JUMP_IF_NOT_NONE:
#endif
        return true;
    default:
        return false;
    }
}

static inline bool branches_back(int op) /* 3.11 */
{
    switch (op) {
#ifdef POP_JUMP_BACKWARD_IF_TRUE
    case POP_JUMP_BACKWARD_IF_TRUE:
    case POP_JUMP_BACKWARD_IF_FALSE:
    case POP_JUMP_BACKWARD_IF_NONE:
    case POP_JUMP_BACKWARD_IF_NOT_NONE:
        return true;
#endif
    default:
        return false;
    }
}

/* What stands on a frame's value stack. It is known only while an event of this very frame is told: at other times
 * the interpreter keeps the end of the stack to itself, or what is there may be gone. */
static inline int frame_stacked_count(Frame *frame, PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030e0000
    return (int)(frame->stackpointer - frame->localsplus) - code->co_nlocalsplus;
#else
    return frame->stacktop - code->co_nlocalsplus;
#endif
}

static inline PyObject *frame_stacked(Frame *frame, PyCodeObject *code, int index)
{
#if PY_VERSION_HEX >= 0x030e0000
    _PyStackRef ref = frame->localsplus[code->co_nlocalsplus + index];
    return PyStackRef_IsNull(ref) || PyStackRef_IsTaggedInt(ref) ? NULL : PyStackRef_AsPyObjectBorrow(ref);
#else
    return frame->localsplus[code->co_nlocalsplus + index];
#endif
}

/* The memory of a slot: equal words are equal references. */
static inline uintptr_t frame_word(Frame *frame, int slot)
{
#if PY_VERSION_HEX >= 0x030e0000
    return (uintptr_t)frame->localsplus[slot].bits;
#else
    return (uintptr_t)frame->localsplus[slot];
#endif
}

/* All of them in a row. */
static inline const uintptr_t *frame_words(Frame *frame) { return (const uintptr_t *)frame->localsplus; }

/* Code units from the start of the code to the instruction that runs. */
static inline int frame_lasti(Frame *frame, PyCodeObject *code)
{
#if PY_VERSION_HEX >= 0x030d0000
    return (int)(frame->instr_ptr - _PyCode_CODE(code));
#else
    return (int)(frame->prev_instr - _PyCode_CODE(code));
#endif
}

/* Whether the interpreter went from the one frame into the other by itself, with no C code between. */
static inline bool entered_directly(Frame *frame, Frame *caller)
{
#if PY_VERSION_HEX >= 0x030c0000
    return frame->previous == caller;
#else
    return frame->previous == caller && !frame->is_entry;
#endif
}

static inline PyObject *frame_globals(Frame *frame) { return frame->f_globals; }
static inline PyObject *frame_builtins(Frame *frame) { return frame->f_builtins; }
static inline PyObject *frame_namespace(Frame *frame) { return frame->f_locals; }

#if !USE_MONITORING
/* PyInterpreterState_ThreadHead() without the call. */
static inline PyThreadState *newest_thread_of(PyInterpreterState *interpreter) { return interpreter->threads.head; }
#endif

static inline PyThreadState *current_thread(void)
{
#if PY_VERSION_HEX >= 0x030d0000
    return PyThreadState_GetUnchecked();
#elif PY_VERSION_HEX >= 0x030c0000
    return _PyThreadState_UncheckedGet();
#else
    return _PyRuntimeState_GetThreadState(&_PyRuntime); /* the same without a call */
#endif
}

/* ---- code ---- */

#if PY_VERSION_HEX >= 0x030c0000
#define request_code_extra PyUnstable_Eval_RequestCodeExtraIndex
#define set_code_extra PyUnstable_Code_SetExtra
#else
#define request_code_extra _PyEval_RequestCodeExtraIndex
#define set_code_extra _PyCode_SetExtra
#endif

#ifndef FRAME_STATE_FINISHED /* 3.11 */
#define FRAME_STATE_FINISHED(state) ((state) >= FRAME_COMPLETED)
#endif

/* The code of a generator, coroutine or async generator; NULL where it is over. */
static inline PyCodeObject *generator_code(PyObject *generator)
{
    PyGenObject *gen = (PyGenObject *)generator;
    if (gen->gi_frame_state >= FRAME_CLEARED) {
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030e0000
    return frame_code(&gen->gi_iframe);
#else
    return frame_code((Frame *)gen->gi_iframe);
#endif
}

/* As Objects/codeobject.c has it: read here, because the call would cost more than what it finds. */
typedef struct {
    Py_ssize_t count;
    void *extras[];
} CodeExtras;

static inline void *code_extra(PyCodeObject *code, Py_ssize_t index)
{
    CodeExtras *kept = code->co_extra;
    return kept != NULL && index < kept->count ? kept->extras[index] : NULL;
}

#ifndef CO_FAST_HIDDEN
#define CO_FAST_HIDDEN 0
#endif

/* ---- ints ---- */

static inline Py_ssize_t int_digit_count(PyLongObject *value)
{
#if PY_VERSION_HEX >= 0x030c0000
    return (Py_ssize_t)(value->long_value.lv_tag >> _PyLong_NON_SIZE_BITS);
#else
    return Py_ABS(Py_SIZE(value));
#endif
}

static inline bool int_is_negative(PyLongObject *value)
{
#if PY_VERSION_HEX >= 0x030c0000
    return (value->long_value.lv_tag & 3) == 2;
#else
    return Py_SIZE(value) < 0;
#endif
}

/* Sign and number of digits in one word. */
static inline uint64_t int_size_word(PyLongObject *value)
{
#if PY_VERSION_HEX >= 0x030c0000
    return value->long_value.lv_tag;
#else
    return (uint64_t)Py_SIZE(value);
#endif
}

static inline digit *int_digits(PyLongObject *value)
{
#if PY_VERSION_HEX >= 0x030c0000
    return value->long_value.ob_digit;
#else
    return value->ob_digit;
#endif
}

/* ---- instance attributes ---- */

/* Where an instance keeps its attributes: either `values` (named by `keys`, NULL where unset), of
 * which `count` were set, in the order of inserted_at(); or `dict`; or neither. */
typedef struct {
    PyDictKeysObject *keys;
    PyObject **values;
    const uint8_t *order;
    int count;
    PyObject *dict;
} Attributes;

/* Index into `values` of the attribute that was set as number n. */
static inline int inserted_at(const Attributes *attributes, int n)
{
#if PY_VERSION_HEX >= 0x030d0000
    return attributes->order[n];
#else
    return attributes->order[-n]; /* kept before the values, backwards */
#endif
}

/* The descriptions of what __slots__ made stand behind the type itself. */
static inline PyMemberDef *type_members(PyTypeObject *type)
{
    return (PyMemberDef *)((char *)type + Py_TYPE(type)->tp_basicsize);
}

/* What one of them stands for in an object. From 3.15 on subclasses of tuple may have some, which stand behind the items
 * (flag _Py_AFTER_ITEMS of descrobject.h). */
static inline PyObject *slot_value(PyObject *object, Py_ssize_t offset, bool after_items)
{
    if (after_items) {
        offset += Py_SIZE(object) * Py_TYPE(object)->tp_itemsize;
    }
    return *(PyObject **)((char *)object + offset);
}

static inline PyDictKeysObject *type_cached_keys(PyTypeObject *type)
{
    return ((PyHeapTypeObject *)type)->ht_cached_keys;
}

static inline Attributes instance_attributes(PyObject *object, PyTypeObject *type)
{
    Attributes found = {NULL, NULL, NULL, 0, NULL};
#if PY_VERSION_HEX >= 0x030d0000
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        if (type->tp_flags & Py_TPFLAGS_INLINE_VALUES) {
            PyDictValues *values = _PyObject_InlineValues(object);
            if (values->valid) {
                found.values = values->values;
                found.keys = type_cached_keys(type);
                found.order = (const uint8_t *)&values->values[values->capacity];
                found.count = values->size;
                return found;
            }
        }
        found.dict = (PyObject *)_PyObject_ManagedDictPointer(object)->dict;
        return found;
    }
#elif PY_VERSION_HEX >= 0x030c0000
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyDictOrValues where = *_PyObject_DictOrValuesPointer(object);
        if (_PyDictOrValues_IsValues(where)) {
            PyDictValues *values = _PyDictOrValues_GetValues(where);
            if (values != NULL) {
                found.values = values->values;
                found.keys = type_cached_keys(type);
                found.order = (const uint8_t *)values - 3;
                found.count = ((const uint8_t *)values)[-2];
            }
        }
        else {
            found.dict = _PyDictOrValues_GetDict(where);
        }
        return found;
    }
#else
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        PyDictValues *values = *_PyObject_ValuesPointer(object);
        if (values != NULL) {
            found.values = values->values;
            found.keys = type_cached_keys(type);
            found.order = (const uint8_t *)values - 3;
            found.count = ((const uint8_t *)values)[-2];
            return found;
        }
        found.dict = *_PyObject_ManagedDictPointer(object);
        return found;
    }
#endif
    Py_ssize_t offset = type->tp_dictoffset;
    if (offset < 0) {
        Py_ssize_t count = Py_ABS(Py_SIZE(object));
        offset += (Py_ssize_t)_PyObject_VAR_SIZE(type, count);
    }
    if (offset > 0) {
        found.dict = *(PyObject **)((char *)object + offset);
    }
    return found;
}

/* The __dict__ of an instance, where it has been asked for: NULL elsewhere. */
static inline PyObject *instance_dict(PyObject *object, PyTypeObject *type)
{
#if PY_VERSION_HEX >= 0x030d0000
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return (PyObject *)_PyObject_ManagedDictPointer(object)->dict;
    }
#endif
    return instance_attributes(object, type).dict;
}

static inline Py_ssize_t keys_count(PyDictKeysObject *keys) { return keys->dk_nentries; }

static inline PyObject *keys_name(PyDictKeysObject *keys, Py_ssize_t index)
{
    return DK_UNICODE_ENTRIES(keys)[index].me_key;
}

/* How often another thread than before has gone on to run. */
static inline uint64_t thread_switches(PyInterpreterState *interpreter)
{
#if PY_VERSION_HEX >= 0x030c0000
    return interpreter->ceval.gil->switch_number;
#else
    (void)interpreter;
    return _PyRuntime.ceval.gil.switch_number;
#endif
}

/* Whether a signal has come whose function the interpreter has yet to call. */
static inline bool signals_wait(void)
{
#if PY_VERSION_HEX >= 0x030c0000
    return __atomic_load_n((const int *)&_PyRuntime.signals.is_tripped, __ATOMIC_RELAXED) != 0;
#else
    return __atomic_load_n((const int *)&_PyRuntime.ceval.signals_pending, __ATOMIC_RELAXED) != 0;
#endif
}

#if USE_MONITORING
/* The thread that has the GIL: known without asking for the running thread's own variables, which takes a call. */
static inline PyThreadState *last_holder(const PyInterpreterState *interpreter)
{
    return *(PyThreadState *const *)&interpreter->ceval.gil->last_holder;
}
#endif

/* ---- trashcan: 3.11-3.13 limit the depth of nested deallocations only for the type's own
 * tp_dealloc, so one that wraps it has to keep the limit itself ---- */
#if PY_VERSION_HEX >= 0x030e0000
#define TRASHCAN_BEGIN(object, dealloc)
#define TRASHCAN_END
#else
#define TRASHCAN_BEGIN(object, dealloc) \
    PyObject_GC_UnTrack(object);        \
    Py_TRASHCAN_BEGIN(object, dealloc)
#define TRASHCAN_END Py_TRASHCAN_END
#endif

#endif
