/* What the instructions of a line may touch: variables, globals, attributes, and in which way. */
#include "recorder.h"

/* Instruction bytes without caches and specialisation; the caller frees the object. */
typedef struct {
    int op, arg, line;
} Instruction;

static int read_varint(const uint8_t **p, const uint8_t *end)
{
    int value = 0, shift = 0;
    while (*p < end) {
        uint8_t byte = *(*p)++;
        value |= (byte & 63) << shift;
        if (!(byte & 64)) {
            break;
        }
        shift += 6;
        if (shift > 30) {
            break;
        }
    }
    return value;
}

static int read_signed_varint(const uint8_t **p, const uint8_t *end)
{
    unsigned value = (unsigned)read_varint(p, end);
    return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

/* The line of each code unit, from co_linetable (Objects/locations.md); -1 where there is none. */
static void unit_lines(PyCodeObject *code, int *lines, int units)
{
    const uint8_t *p = (const uint8_t *)PyBytes_AS_STRING(code->co_linetable);
    const uint8_t *end = p + PyBytes_GET_SIZE(code->co_linetable);
    int line = code->co_firstlineno, unit = 0;
    while (p < end && unit < units) {
        uint8_t first = *p++;
        int kind = (first >> 3) & 15, count = (first & 7) + 1;
        bool none = false;
        if (kind == 15) {
            none = true;
        }
        else if (kind == 14) {
            line += read_signed_varint(&p, end);
            read_varint(&p, end);
            read_varint(&p, end);
            read_varint(&p, end);
        }
        else if (kind == 13) {
            line += read_signed_varint(&p, end);
        }
        else if (kind >= 10) {
            line += kind - 10;
            p += 2;
        }
        else {
            p += 1;
        }
        for (int i = 0; i < count && unit < units; i++) {
            lines[unit++] = none ? -1 : line;
        }
    }
    while (unit < units) {
        lines[unit++] = -1;
    }
}

typedef struct {
    LineInfo *info;
    int calls, tame; /* calls, and names of tame functions and methods on the line */
    bool jumps_back;
    int first_unit, first_call; /* where it begins; where it calls something, 0 nowhere              */
    bool lasts;      /* it may take a while                                                        */
    int round_calls;
    bool called;     /* what the instruction loads is going to be called, not handed over          */
    int next_op, next_arg;
    int appends, pops, lefts, extends; /* what the line does at the ends of containers            */
    int handler;     /* to which those belong: the blocks of finally are there once for each way to them */
    bool ends_twice; /* one of the copies changes both ends, or one of them twice                 */
    int after_null;  /* before 3.13: 1 behind a PUSH_NULL, 2 behind the name that it belongs to    */
} Draft;

#define DRAFT_LISTS 24

static void *draft_memory(size_t size) { return calloc(1, size); }

static bool add_name(PyObject ***list, uint16_t *count, PyObject *name)
{
    for (int i = 0; i < *count; i++) {
        if ((*list)[i] == name) {
            return true;
        }
    }
    if (*count >= DRAFT_LISTS) {
        return false;
    }
    if (*list == NULL) {
        *list = draft_memory(DRAFT_LISTS * sizeof(PyObject *));
        if (*list == NULL) {
            return false;
        }
    }
    (*list)[(*count)++] = name;
    return true;
}

static bool add_global(LineInfo *info, PyObject *name)
{
    for (int i = 0; i < info->global_count; i++) {
        if (info->globals[i].name == name) {
            return true;
        }
    }
    if (info->global_count >= DRAFT_LISTS) {
        return false;
    }
    if (info->globals == NULL) {
        info->globals = draft_memory(DRAFT_LISTS * sizeof(GlobalRead));
        if (info->globals == NULL) {
            return false;
        }
    }
    info->globals[info->global_count++] = (GlobalRead){name, -1};
    return true;
}

static inline void set_bit(uint64_t *bits, int index) { bits[index >> 6] |= 1ULL << (index & 63); }

/* Whether what the instruction loads is called: later versions put a NULL behind it, earlier ones before the name. */
static bool loads_callee(Draft *draft, int op, int arg)
{
    switch (op) {
#ifdef LOAD_METHOD
    case LOAD_METHOD:
        return true;
#endif
    case LOAD_GLOBAL:
        if (arg & 1) {
            return true;
        }
        break;
#if PY_VERSION_HEX >= 0x030c0000
    case LOAD_ATTR:
        if (arg & 1) {
            return true;
        }
        break;
#endif
    default:
        break;
    }
#if PY_VERSION_HEX >= 0x030d0000
    return draft->next_op == PUSH_NULL;
#else
    switch (op) {
    case PUSH_NULL:
        draft->after_null = 1;
        break;
    case LOAD_NAME:
    case LOAD_FAST:
    case LOAD_DEREF:
    case LOAD_GLOBAL:
        draft->after_null = draft->after_null == 1 ? 2 : 0;
        break;
    case LOAD_ATTR:
        break;
    default:
        draft->after_null = 0;
    }
    return draft->after_null == 2;
#endif
}

static void note_mutation(Draft *draft) { draft->info->flags |= LINE_MUTATES; }

/* More than one change at an end may leave other entries than there were. */
static bool changes_ends_twice(const Draft *draft)
{
    int others = draft->appends + draft->pops + draft->lefts;
    return draft->ends_twice || draft->appends > 1 || draft->pops > 1 || draft->lefts > 1 || draft->extends > 1 ||
           (draft->extends && others) || (draft->lefts && draft->appends + draft->pops);
}

/* What is done at the ends belongs to the handler that the instruction is in: only an exception leads there, so no
 * line does what it does in front of it and behind it at once. */
static void separate_handlers(Draft *draft, int handler)
{
    if (draft->handler != handler) {
        draft->ends_twice = changes_ends_twice(draft);
        draft->appends = draft->pops = draft->lefts = draft->extends = 0;
        draft->handler = handler;
    }
}

static void note_attribute(Draft *draft, PyObject *name)
{
    LineInfo *info = draft->info;
    info->flags |= add_name(&info->attributes, &info->attribute_count, name) ? 0 : LINE_STRAYS;
    for (int i = 0; !draft->called && i < info->attribute_count && i < 32; i++) {
        info->handed |= info->attributes[i] == name ? 1u << i : 0;
    }
}

/* Where a method that a line uses changes a sequence. */
static void note_ends(Draft *draft, PyObject *name)
{
    const char *text = PyUnicode_DATA(name);
#ifdef PRECALL
    bool without_arguments = draft->next_op == PRECALL && draft->next_arg == 0;
#else
    bool without_arguments = draft->next_op == CALL && draft->next_arg == 0;
#endif
    if (is_one_of(name, reading_methods)) {
        return;
    }
    note_mutation(draft);
    if (!draft->called) { /* to be called elsewhere */
        draft->info->flags |= LINE_MIDDLE;
    }
    else if (strcmp(text, "append") == 0) {
        draft->info->flags |= LINE_RIGHT;
        draft->appends++;
    }
    else if (strcmp(text, "pop") == 0 && without_arguments) {
        draft->info->flags |= LINE_RIGHT;
        draft->pops++;
    }
    else if (strcmp(text, "extend") == 0) {
        draft->info->flags |= LINE_RIGHT;
        draft->extends++;
    }
    else if (strcmp(text, "appendleft") == 0 || strcmp(text, "popleft") == 0) {
        draft->info->flags |= LINE_LEFT;
        draft->lefts++;
    }
    else if (strcmp(text, "setdefault") == 0) {
        draft->info->flags |= LINE_ADDS;
    }
    else {
        draft->info->flags |= is_one_of(name, keyed_methods) ? LINE_KEYS : LINE_MIDDLE;
    }
}

/* A name that isn't one of the frame's own is read. */
static void note_global(Draft *draft, PyObject *name)
{
    if (name == NULL) {
        return;
    }
    draft->info->flags |= add_global(draft->info, name) ? 0 : LINE_STRAYS;
    draft->info->flags |= draft->called ? 0 : LINE_HANDS_ON;
    draft->info->flags |= PyUnicode_CompareWithASCIIString(name, "type") == 0 ? LINE_CLASSES : 0;
    draft->tame += draft->called && is_one_of(name, tame_functions);
    if (is_one_of(name, namespace_functions)) {
        draft->info->flags |= LINE_ALL_NAMES | LINE_CHANGES;
    }
}

static void note_instruction(Draft *draft, PyCodeObject *code, int op, int arg)
{
    LineInfo *info = draft->info;
    PyObject *names = code->co_names;
    int slots = code->co_nlocalsplus;
#define SLOT_STORED(i) if ((i) < slots) set_bit(info->stores, (i))
#define SLOT_LOADED(i) if ((i) < slots) set_bit(info->loads, (i))
#define NAME(i) ((i) < PyTuple_GET_SIZE(names) ? PyTuple_GET_ITEM(names, (i)) : NULL)
    PyObject *name = NULL;
    bool tame = false;
    switch (op) {
    case LOAD_FAST:
    case LOAD_DEREF:
#ifdef LOAD_FAST_CHECK
    case LOAD_FAST_CHECK:
#endif
#ifdef LOAD_FAST_BORROW
    case LOAD_FAST_BORROW:
#endif
#ifdef LOAD_CLOSURE
    case LOAD_CLOSURE:
#endif
#ifdef LOAD_CLASSDEREF
    case LOAD_CLASSDEREF:
#endif
#ifdef LOAD_FROM_DICT_OR_DEREF
    case LOAD_FROM_DICT_OR_DEREF:
#endif
        SLOT_LOADED(arg);
        break;
#ifdef LOAD_FAST_AND_CLEAR
    case LOAD_FAST_AND_CLEAR:
        SLOT_LOADED(arg);
        SLOT_STORED(arg);
        break;
#endif
    case STORE_FAST:
    case DELETE_FAST:
    case STORE_DEREF:
    case DELETE_DEREF:
    case MAKE_CELL:
        SLOT_STORED(arg);
        SLOT_LOADED(arg);
        break;
#ifdef LOAD_FAST_LOAD_FAST
    case LOAD_FAST_LOAD_FAST:
        SLOT_LOADED(arg >> 4);
        SLOT_LOADED(arg & 15);
        break;
#endif
#ifdef LOAD_FAST_BORROW_LOAD_FAST_BORROW
    case LOAD_FAST_BORROW_LOAD_FAST_BORROW:
        SLOT_LOADED(arg >> 4);
        SLOT_LOADED(arg & 15);
        break;
#endif
#ifdef STORE_FAST_STORE_FAST
    case STORE_FAST_STORE_FAST:
        SLOT_STORED(arg >> 4);
        SLOT_STORED(arg & 15);
        SLOT_LOADED(arg >> 4);
        SLOT_LOADED(arg & 15);
        break;
#endif
#ifdef STORE_FAST_LOAD_FAST
    case STORE_FAST_LOAD_FAST:
        SLOT_STORED(arg >> 4);
        SLOT_LOADED(arg >> 4);
        SLOT_LOADED(arg & 15);
        break;
#endif
    case LOAD_GLOBAL:
        name = NAME(arg >> 1);
        note_global(draft, name);
        if (name != NULL && code->co_argcount > 0 && PyUnicode_CompareWithASCIIString(name, "super") == 0) {
            SLOT_LOADED(0); /* it takes the first argument out of the frame */
            draft->tame += PY_VERSION_HEX < 0x030c0000; /* later no call of its own */
        }
        break;
    case LOAD_NAME:
#ifdef LOAD_FROM_DICT_OR_GLOBALS
    case LOAD_FROM_DICT_OR_GLOBALS:
#endif
        note_global(draft, NAME(arg));
        break;
    case STORE_NAME:
    case DELETE_NAME:
        name = NAME(arg);
        if (name != NULL && !add_name(&info->stored_names, &info->stored_name_count, name)) {
            info->flags |= LINE_ALL_NAMES;
        }
        break;
    case STORE_GLOBAL:
    case DELETE_GLOBAL:
        name = NAME(arg);
        if (name != NULL) {
            add_name(&info->stored_globals, &info->stored_global_count, name);
        }
        break;
#ifdef LOAD_METHOD
    case LOAD_METHOD:
#endif
    case LOAD_ATTR:
    case STORE_ATTR:
    case DELETE_ATTR:
#if PY_VERSION_HEX >= 0x030c0000
        if (op == LOAD_ATTR) { /* the low bit tells a method call */
            arg >>= 1;
        }
#endif
        name = NAME(arg);
        if (name != NULL) {
            note_attribute(draft, name);
            info->flags |= PyUnicode_CompareWithASCIIString(name, "__class__") == 0 ? LINE_CLASSES : 0;
            tame = op != STORE_ATTR && op != DELETE_ATTR && is_one_of(name, tame_methods);
            draft->tame += tame && draft->called;
            info->flags |= tame && draft->called ? LINE_TAME : 0;
            if (tame) {
                note_ends(draft, name);
            }
            info->flags |= tame ? LINE_OPERATES : 0;
            if (is_one_of(name, namespace_functions)) {
                info->flags |= LINE_ALL_NAMES | LINE_CHANGES;
            }
            if (is_one_of(name, item_methods)) {
                info->flags |= LINE_SUBSCRIPTS;
            }
        }
        info->flags |= op == STORE_ATTR || op == DELETE_ATTR || tame ? LINE_CHANGES | LINE_READS : LINE_READS;
        if (op == STORE_ATTR || op == DELETE_ATTR) {
            info->flags |= LINE_SETS_ATTRIBUTE;
            note_mutation(draft);
        }
        break;
    case STORE_SUBSCR:
    case DELETE_SUBSCR:
        info->flags |= op == DELETE_SUBSCR ? LINE_MIDDLE : 0;
        note_mutation(draft);
        info->flags |= LINE_SUBSCRIPTS | LINE_SETS_ITEM | LINE_CHANGES | LINE_OPERATES;
        break;
#ifdef STORE_SLICE
    case STORE_SLICE:
        info->flags |= LINE_CHANGES | LINE_CALLS | LINE_MIDDLE | LINE_RUNS;
        note_mutation(draft);
        break;
#endif
#ifdef BINARY_SUBSCR
    case BINARY_SUBSCR:
        info->flags |= LINE_SUBSCRIPTS | LINE_OPERATES;
        break;
#endif
    case CONTAINS_OP:
        info->flags |= LINE_OPERATES | LINE_RUNS;
        break;
    case MATCH_CLASS: /* which reads the attributes that the pattern names, of what no name of the line stands for */
        info->flags |= LINE_READS;
        break;
    case COMPARE_OP:
        info->flags |= LINE_OPERATES;
        break;
    case BINARY_OP:
        info->flags |= LINE_OPERATES;
        info->flags |= arg == 13 ? LINE_RUNS : 0; /* a list goes through what is added to it in place */
        if (arg >= 13 && arg <= 25) { /* in-place operators */
            info->flags |= arg == 13 ? LINE_CHANGES | LINE_RIGHT : LINE_CHANGES | LINE_MIDDLE;
            draft->extends += arg == 13;
            note_mutation(draft);
        }
        else if (arg == 26) { /* NB_SUBSCR, 3.14+ */
            info->flags |= LINE_SUBSCRIPTS;
        }
        break;
#ifdef CALL_FUNCTION_EX
    case CALL_FUNCTION_EX:
#endif
#ifdef CALL_KW
    case CALL_KW:
#endif
#ifdef IMPORT_STAR
    case IMPORT_STAR:
#endif
    case CALL:
        info->flags |= LINE_CALLS | LINE_RUNS;
        draft->calls++;
        break;
#ifdef LOAD_COMMON_CONSTANT
    case LOAD_COMMON_CONSTANT: /* tuple(x for ...) and the like (2 to 6) are there twice; the second time, tuple is called */
        draft->calls -= arg >= 2 && arg <= 6 ? 2 : 0;
        break;
#endif
    case GET_ITER:
        info->flags |= LINE_ITERATES | LINE_RUNS;
        break;
    case FOR_ITER:
        info->flags |= LINE_ROUNDS;
        break;
    case UNPACK_SEQUENCE:
    case UNPACK_EX:
    case LIST_EXTEND:
    case SET_UPDATE:
#ifdef GET_YIELD_FROM_ITER
    case GET_YIELD_FROM_ITER:
#endif
        info->flags |= LINE_RUNS;
        break;
    case SEND:
    case LIST_APPEND:
    case SET_ADD:
    case MAP_ADD:
        info->flags |= LINE_CHANGES;
        break;
#ifdef BEFORE_WITH
    case BEFORE_WITH:
    case BEFORE_ASYNC_WITH:
        info->flags |= LINE_CALLS;
        draft->calls++;
        break;
#endif
    case IMPORT_NAME:
        info->flags |= LINE_CALLS;
        draft->calls++;
        break;
#ifdef CALL_INTRINSIC_1
    case CALL_INTRINSIC_1:
        if (arg == 2) { /* import * */
            info->flags |= LINE_ALL_NAMES;
        }
        break;
#endif
    default:
        break;
    }
#undef SLOT_STORED
#undef SLOT_LOADED
#undef NAME
}
