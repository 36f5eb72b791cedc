/* Code objects: whether they are recorded, and what each of their lines may touch. Worked out when
 * a code object first runs and kept in its extra slot, so that it dies with the code. */
#include "recorder.h"
#include "hashing.h"

#include <stdlib.h>

static Py_ssize_t extra_index = -1;

/* Shared by all code that isn't recorded; one for each of the last runs of this process, so that
 * what was out of scope in an earlier one is looked at again. */
#define KEPT_RUNS 64
static CodeInfo out_of_scope[KEPT_RUNS];

static void watch_code(PyCodeObject *code);

static inline CodeInfo *not_recorded(void) { return &out_of_scope[R.run % KEPT_RUNS]; }

static void free_code_extra(void *memory)
{
    CodeInfo *info = memory;
    if (info < out_of_scope || info >= out_of_scope + KEPT_RUNS) {
        free_code(info);
    }
}

static void put_code_definition(PyCodeObject *code, CodeInfo *info)
{
    uint32_t file = file_of(code);
    info->id = ++R.code_count;
    put_byte(DEF_CODE);
    put_unsigned(info->id);
    put_unsigned(file);
    put_text(code->co_name);
    put_text(code->co_qualname);
    put_unsigned((uint64_t)(code->co_firstlineno > 0 ? code->co_firstlineno : 0));
    put_unsigned((uint64_t)(unsigned)code->co_flags);
    put_unsigned((uint64_t)code->co_argcount);
    put_unsigned((uint64_t)code->co_posonlyargcount);
    put_unsigned((uint64_t)code->co_kwonlyargcount);
    put_unsigned((uint64_t)info->slots);
    for (int i = 0; i < info->slots; i++) {
        put_text(PyTuple_GET_ITEM(code->co_localsplusnames, i));
        put_byte(info->kinds[i]);
    }
    Py_ssize_t size = PyBytes_GET_SIZE(code->co_linetable);
    if (size > R.limit - R.cursor) {
        size = 0;
    }
    put_unsigned((uint64_t)size);
    put_bytes(PyBytes_AS_STRING(code->co_linetable), (size_t)size);
    put_unsigned(0);
    info->defined = true;
}

static CodeInfo *make_code(PyCodeObject *code, PyObject *globals)
{
    CodeInfo *info = not_recorded();
    if (in_scope(code, globals)) {
        info = calloc(1, sizeof(CodeInfo));
        if (info == NULL) {
            return not_recorded();
        }
        info->recorded = true;
        info->run = R.run;
        info->slots = code->co_nlocalsplus;
        info->words = (info->slots + 63) / 64;
        info->optimized = (code->co_flags & CO_OPTIMIZED) != 0;
        info->suspends = (code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0;
        info->coroutine = (code->co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE)) != 0;
        info->stops = stops_in(code->co_filename);
        info->kinds = calloc((size_t)info->slots + 1, 1);
        const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);
        info->cells_from = info->slots;
        for (int i = info->slots - 1; i >= 0 && info->kinds != NULL; i--) {
            unsigned char kind = (unsigned char)kinds[i];
            info->kinds[i] = kind & CO_FAST_FREE ? SLOT_FREE : kind & CO_FAST_CELL ? SLOT_CELL
                             : kind & CO_FAST_HIDDEN ? SLOT_HIDDEN : SLOT_LOCAL;
            info->has_secrets |= redacting && name_verdict(PyTuple_GET_ITEM(code->co_localsplusnames, i)) != NAME_HARMLESS;
            if (info->kinds[i] == SLOT_CELL || info->kinds[i] == SLOT_FREE) {
                info->cells_from = i;
            }
        }
        if (info->kinds == NULL || !analyse(code, info)) {
            free_code(info);
            info = not_recorded();
        }
    }
    if (set_code_extra((PyObject *)code, extra_index, info) != 0) {
        PyErr_Clear();
        free_code_extra(info);
        return not_recorded();
    }
    if (!info->recorded) {
        return info;
    }
    watch_code(code);
    if (globals != NULL && PyDict_CheckExact(globals)) {
        note_user_module(dict_get_text(globals, NULL));
    }
    return info;
}

static inline CodeInfo *code_info(PyCodeObject *code, PyObject *globals)
{
    CodeInfo *info = code_extra(code, extra_index);
    if (LIKELY(info != NULL)) {
        if (LIKELY(info->recorded ? info->run == R.run : info == not_recorded())) {
            return info;
        }
    }
    return make_code(code, globals);
}

/* The line of an instruction, -1 where it has none. */
static inline int unit_line(const CodeInfo *info, int unit)
{
    return unit >= 0 && unit < info->unit_count ? info->unit_lines[unit] : -1;
}

static inline LineInfo *line_info(CodeInfo *info, int line)
{
    int index = line - info->first_line;
    return index >= 0 && index < info->line_count ? info->lines[index] : NULL;
}
