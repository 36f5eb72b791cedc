/* Code objects: whether they are recorded, and what each of their lines may touch. Worked out when
 * a code object first runs and kept in its extra slot, so that it dies with the code. */
#include "recorder.h"
#include "hashing.h"

#include <fnmatch.h>
#include <stdlib.h>

static Py_ssize_t extra_index = -1;

/* ---- scope ---- */

#define MAX_PATTERNS 64
static const char *library_prefixes[32];
static int library_count;
static const char *include_patterns[MAX_PATTERNS], *exclude_patterns[MAX_PATTERNS];
static int include_count, exclude_count;
static bool record_all;

static bool matches(const char *const *patterns, int count, const char *path, const char *module)
{
    for (int i = 0; i < count; i++) {
        if (fnmatch(patterns[i], path, 0) == 0 || (module != NULL && fnmatch(patterns[i], module, 0) == 0)) {
            return true;
        }
        if (module != NULL) { /* a package's name stands for what is in it */
            size_t length = strlen(patterns[i]);
            if (strncmp(module, patterns[i], length) == 0 && module[length] == '.') {
                return true;
            }
        }
    }
    return false;
}

static bool starts_with(const char *text, const char *prefix)
{
    return prefix[0] != 0 && strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_library(const char *path)
{
    if (strstr(path, "/site-packages/") != NULL || strstr(path, "/dist-packages/") != NULL) {
        return true;
    }
    for (int i = 0; i < library_count; i++) {
        if (starts_with(path, library_prefixes[i])) {
            return true;
        }
    }
    return false;
}

/* Names of the modules whose code is recorded: their classes' attributes are of interest. */
static uint64_t user_modules[1024];

static bool is_user_module(PyObject *name)
{
    uint64_t hash = hash_text(name, PyUnicode_GET_LENGTH(name)) | 1;
    return user_modules[hash & 1023] == hash;
}

static void note_user_module(PyObject *name)
{
    if (is_text(name)) {
        uint64_t hash = hash_text(name, PyUnicode_GET_LENGTH(name)) | 1;
        user_modules[hash & 1023] = hash;
    }
}

/* ---- sources ---- */

/* What was given to compile() lately under names that are no files. */
#define COMPILED_KEPT 64
typedef struct {
    uint64_t name_hash;
    char *text;
    size_t size;
    bool recorded; /* recorded code (or the interpreter itself) asked for it */
} Compiled;
static Compiled compiled[COMPILED_KEPT];
static unsigned compiled_next;

static void note_compiled(PyObject *name, const char *text, size_t size, bool recorded)
{
    if (size > 1 << 20) {
        size = 1 << 20;
    }
    Compiled *slot = &compiled[compiled_next++ % COMPILED_KEPT];
    free(slot->text);
    slot->text = malloc(size ? size : 1);
    if (slot->text == NULL) {
        slot->name_hash = 0;
        return;
    }
    memcpy(slot->text, text, size);
    slot->size = size;
    slot->recorded = recorded;
    slot->name_hash = hash_text(name, PyUnicode_GET_LENGTH(name)) | 1;
}

/* A text can only be the source of a code whose every name stands in it. */
static bool may_be_source(const Compiled *text, PyCodeObject *code)
{
    int lines = 1;
    for (size_t i = 0; i < text->size; i++) {
        lines += text->text[i] == '\n';
    }
    if (code->co_firstlineno > lines) {
        return false;
    }
    PyObject *names = code->co_names;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (PyUnicode_IS_ASCII(name) && !is_dunder(name) &&
            memmem(text->text, text->size, PyUnicode_DATA(name), (size_t)PyUnicode_GET_LENGTH(name)) == NULL) {
            return false;
        }
    }
    return true;
}

static Compiled *find_compiled(PyCodeObject *code)
{
    uint64_t hash = hash_text(code->co_filename, PyUnicode_GET_LENGTH(code->co_filename)) | 1;
    for (unsigned i = 0; i < COMPILED_KEPT; i++) {
        Compiled *text = &compiled[(compiled_next - 1 - i) % COMPILED_KEPT];
        if (text->name_hash == hash && text->text != NULL && may_be_source(text, code)) {
            return text;
        }
    }
    return NULL;
}

/* Files by (path, text) so that each is written once; codes of one compile() share a file. */
typedef struct {
    uint64_t hash;
    uint32_t id;
} SeenFile;
static SeenFile *seen_files;
static size_t file_capacity;

static uint32_t *find_file(uint64_t hash)
{
    if ((size_t)R.file_count * 2 >= file_capacity) {
        size_t capacity = file_capacity ? file_capacity * 2 : 256;
        SeenFile *table = calloc(capacity, sizeof(SeenFile));
        if (table == NULL) {
            return NULL;
        }
        for (size_t i = 0; i < file_capacity; i++) {
            if (seen_files[i].id) {
                size_t place = seen_files[i].hash & (capacity - 1);
                while (table[place].id) {
                    place = (place + 1) & (capacity - 1);
                }
                table[place] = seen_files[i];
            }
        }
        free(seen_files);
        seen_files = table;
        file_capacity = capacity;
    }
    size_t place = hash & (file_capacity - 1);
    while (seen_files[place].id && seen_files[place].hash != hash) {
        place = (place + 1) & (file_capacity - 1);
    }
    seen_files[place].hash = hash;
    return &seen_files[place].id;
}

static void put_source(uint32_t file, const char *text, size_t size)
{
    while (size > 0) {
        size_t piece = size < 65536 ? size : 65536;
        put_byte(DEF_SOURCE);
        put_unsigned(file);
        put_unsigned(piece);
        put_bytes(text, piece);
        text += piece;
        size -= piece;
    }
}

static void put_file_definition(uint32_t file, PyObject *path, int source)
{
    put_byte(DEF_FILE);
    put_unsigned(file);
    put_text(path);
    put_byte((uint8_t)source);
}

/* The file of a code object, defined in the stream with its source when it is new. Files are read
 * with bare system calls: no audit event, no Python object. */
static uint32_t file_of(PyCodeObject *code)
{
    PyObject *path = code->co_filename;
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    uint64_t hash = hash_text(path, length);
    char first = length > 0 ? (char)PyUnicode_READ_CHAR(path, 0) : 0;
    char name[4096];
    size_t size = length < 1300 ? encode_text(path, length, (uint8_t *)name) : 0;
    name[size] = 0;
    Compiled *text = NULL;
    struct stat status;
    int fd = -1;
    if (strcmp(name, "<stdin>") == 0) { /* a script on standard input can be read again if that is a file */
        fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
    }
    else if (first != '<' && size > 0) {
        fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    }
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > 4 << 20)) {
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        text = find_compiled(code);
        if (text != NULL) {
            hash = hash_bytes(text->text, text->size, hash);
        }
    }
    uint32_t *id = find_file(hash);
    if (id == NULL || *id != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return id != NULL ? *id : 0;
    }
    *id = ++R.file_count;
    put_file_definition(*id, path, fd >= 0 ? SOURCE_FILE : text != NULL ? SOURCE_COMPILED : SOURCE_NONE);
    if (fd >= 0) {
        char *bytes = malloc((size_t)status.st_size + 1);
        size_t have = 0;
        while (bytes != NULL && have < (size_t)status.st_size) {
            ssize_t got = pread(fd, bytes + have, (size_t)status.st_size - have, (off_t)have);
            if (got <= 0) {
                break;
            }
            have += (size_t)got;
        }
        if (bytes != NULL && have < (size_t)(R.limit - R.cursor)) {
            put_source(*id, bytes, have);
        }
        free(bytes);
        close(fd);
    }
    else if (text != NULL && text->size < (size_t)(R.limit - R.cursor)) {
        put_source(*id, text->text, text->size);
    }
    return *id;
}

/* Code that has no file is the user's when the user's code (or the command line) compiled it. */
static bool pseudo_file_recorded(PyCodeObject *code)
{
    Compiled *text = find_compiled(code);
    return text != NULL && text->recorded;
}

static bool in_scope(PyCodeObject *code, PyObject *globals)
{
    PyObject *path = code->co_filename;
    char name[4096], module[256];
    Py_ssize_t length = PyUnicode_GET_LENGTH(path);
    size_t size = encode_text(path, length < 1000 ? length : 1000, (uint8_t *)name);
    name[size] = 0;
    module[0] = 0;
    if (globals != NULL && PyDict_CheckExact(globals)) {
        PyObject *text = dict_get_text(globals, NULL);
        if (text != NULL && PyUnicode_GET_LENGTH(text) < 60) {
            module[encode_text(text, PyUnicode_GET_LENGTH(text), (uint8_t *)module)] = 0;
        }
    }
    if (strstr(name, "_tttui_start") != NULL || starts_with(name, "<frozen")) { /* our own start-up file */
        return false;
    }
    if (exclude_count && matches(exclude_patterns, exclude_count, name, module)) {
        return false;
    }
    if (record_all || (include_count && matches(include_patterns, include_count, name, module))) {
        return true;
    }
    if (name[0] == '<') {
        return strcmp(name, "<stdin>") == 0 || pseudo_file_recorded(code);
    }
    return !is_library(name);
}

/* ---- what each line touches ---- */

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
    bool iterates, jumps_back;
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

static void add_global(LineInfo *info, PyObject *name)
{
    for (int i = 0; i < info->global_count; i++) {
        if (info->globals[i].name == name) {
            return;
        }
    }
    if (info->global_count >= DRAFT_LISTS) {
        return;
    }
    if (info->globals == NULL) {
        info->globals = draft_memory(DRAFT_LISTS * sizeof(GlobalRead));
        if (info->globals == NULL) {
            return;
        }
    }
    info->globals[info->global_count++] = (GlobalRead){name, -1};
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

/* An object is changed: any of a container's items, if that is in a loop on the same line. */
static void note_mutation(Draft *draft)
{
    draft->info->flags |= draft->iterates && !draft->jumps_back ? LINE_MUTATES | LINE_MAYBE_EACH : LINE_MUTATES;
}

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
    add_name(&info->attributes, &info->attribute_count, name);
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
    else {
        draft->info->flags |= is_one_of(name, keyed_methods) ? LINE_KEYS : LINE_MIDDLE;
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
        if (name != NULL) {
            add_global(info, name);
            info->flags |= draft->called ? 0 : LINE_HANDS_ON;
            draft->tame += draft->called && is_one_of(name, tame_functions);
            if (is_one_of(name, namespace_functions)) {
                info->flags |= LINE_ALL_NAMES | LINE_CHANGES;
            }
            if (code->co_argcount > 0 && PyUnicode_CompareWithASCIIString(name, "super") == 0) {
                SLOT_LOADED(0); /* it takes the first argument out of the frame */
                draft->tame += PY_VERSION_HEX < 0x030c0000; /* later no call of its own */
            }
        }
        break;
    case LOAD_NAME:
#ifdef LOAD_FROM_DICT_OR_GLOBALS
    case LOAD_FROM_DICT_OR_GLOBALS:
#endif
        name = NAME(arg);
        if (name != NULL) {
            add_global(info, name);
            info->flags |= draft->called ? 0 : LINE_HANDS_ON;
            draft->tame += draft->called && is_one_of(name, tame_functions);
            if (is_one_of(name, namespace_functions)) {
                info->flags |= LINE_ALL_NAMES | LINE_CHANGES;
            }
        }
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
        draft->iterates = true;
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

static void free_line(LineInfo *info)
{
    if (info != NULL) {
        free_line(info->next);
        free(info->stores);
        free(info->globals);
        free(info->attributes);
        free(info->stored_names);
        free(info->stored_globals);
        free(info->plans);
        free(info);
    }
}

static LineInfo *new_line(int words)
{
    LineInfo *info = calloc(1, sizeof(LineInfo));
    if (info == NULL) {
        return NULL;
    }
    info->stores = calloc((size_t)words * 2 + 1, sizeof(uint64_t));
    if (info->stores == NULL) {
        free(info);
        return NULL;
    }
    info->loads = info->stores + words;
    info->next_unit = -1;
    return info;
}

static void free_code(void *memory)
{
    CodeInfo *info = memory;
    if (info == NULL) {
        return;
    }
    if (info->lines != NULL) {
        for (int i = 0; i < info->line_count; i++) {
            free_line(info->lines[i]);
        }
        free(info->lines);
    }
    free(info->kinds);
    free(info->unit_lines);
    free(info);
}

/* Where an instruction jumps back to; -1 for others. */
static int backward_target(int unit, int op, int arg)
{
    switch (op) {
#ifdef POP_JUMP_BACKWARD_IF_TRUE
    case POP_JUMP_BACKWARD_IF_TRUE:
    case POP_JUMP_BACKWARD_IF_FALSE:
    case POP_JUMP_BACKWARD_IF_NONE:
    case POP_JUMP_BACKWARD_IF_NOT_NONE:
        return unit + 1 - arg;
#endif
    case JUMP_BACKWARD: /* followed by a cache since 3.12 */
        return unit + (PY_VERSION_HEX >= 0x030c0000) + 1 - arg;
    case JUMP_BACKWARD_NO_INTERRUPT:
        return unit + 1 - arg;
    default:
        return -1;
    }
}

static bool analyse(PyCodeObject *code, CodeInfo *info)
{
    PyObject *bytes = PyCode_GetCode(code);
    if (bytes == NULL) {
        PyErr_Clear();
        return false;
    }
    int units = (int)(PyBytes_GET_SIZE(bytes) / 2);
    const uint8_t *p = (const uint8_t *)PyBytes_AS_STRING(bytes);
    int *lines = malloc((size_t)(units + 1) * sizeof(int));
    bool done = false;
    if (lines == NULL) {
        goto finish;
    }
    unit_lines(code, lines, units);
    int low = code->co_firstlineno, high = low;
    for (int i = 0; i < units; i++) {
        if (lines[i] >= 0) {
            low = lines[i] < low ? lines[i] : low;
            high = lines[i] > high ? lines[i] : high;
        }
    }
    if (high - low > 10000000) {
        goto finish;
    }
    info->first_line = low;
    info->line_count = high - low + 1;
    info->lines = calloc((size_t)info->line_count, sizeof(LineInfo *));
    Draft *drafts = calloc((size_t)info->line_count, sizeof(Draft));
    if (info->lines == NULL || drafts == NULL) {
        free(drafts);
        goto finish;
    }
    int extended = 0, line = low, handlers = 0;
    KeyStack keys = {.depth = 0};
    for (int i = 0; i < units; i++) {
        int op = p[2 * i], arg = p[2 * i + 1] | extended;
        if (op == EXTENDED_ARG) {
            extended = arg << 8;
            continue;
        }
        extended = 0;
        if (lines[i] >= 0) {
            line = lines[i]; /* what has no line of its own belongs to the one before */
        }
        Draft *draft = &drafts[line - low];
        if (draft->info == NULL) {
            draft->info = info->lines[line - low] = new_line(info->words);
            if (draft->info == NULL) {
                free(drafts);
                goto finish;
            }
        }
        if (op == 0) {
            continue;
        }
        if (op == FOR_ITER && draft->info->next == NULL && (draft->info->next = new_line(info->words)) != NULL) {
            draft->info->next_unit = i;
        }
        int next = i + 1;
        while (next < units && p[2 * next] == 0) {
            next++; /* inline caches */
        }
        draft->next_op = next < units ? p[2 * next] : 0;
        draft->next_arg = next < units ? p[2 * next + 1] : 0;
        draft->called = loads_callee(draft, op, arg);
        handlers += op == PUSH_EXC_INFO;
        separate_handlers(draft, handlers);
        follow_keys(&keys, draft->info, code, line, op, arg);
        int target = backward_target(i, op, arg);
        if (target >= 0 && target < units && lines[target] == line) {
            draft->jumps_back = true;
        }
        note_instruction(draft, code, op, arg);
        if (draft->info->next != NULL) {
            Draft round = {.info = draft->info->next};
            note_instruction(&round, code, op, arg);
            draft->round_calls += round.calls;
        }
    }
    for (int i = 0; i < info->line_count; i++) {
        LineInfo *found = drafts[i].info;
        if (found != NULL && drafts[i].calls > drafts[i].tame) {
            found->wild_calls = (uint16_t)(drafts[i].calls - drafts[i].tame);
        }
        if (found != NULL && found->next != NULL) {
            found->next->wild_calls = (uint16_t)drafts[i].round_calls;
            if (drafts[i].round_calls > 0) {
                found->next->flags |= LINE_LOOPS;
            }
        }
        if (found != NULL && drafts[i].jumps_back && drafts[i].calls > 0) {
            found->flags |= LINE_LOOPS;
        }
        if (found != NULL) {
            bool loops = drafts[i].jumps_back;
            if (loops && found->flags & LINE_MAYBE_EACH) {
                found->flags |= LINE_EACH;
            }
            if (changes_ends_twice(&drafts[i]) || (loops && found->flags & (LINE_RIGHT | LINE_LEFT))) {
                found->flags |= LINE_MIDDLE;
            }
            drop_uncertain_plans(found, code, loops);
            if (found->next != NULL) {
                found->next->flags |= found->flags & (LINE_MIDDLE | LINE_KEYS | LINE_EACH | LINE_MUTATES);
                drop_uncertain_plans(found->next, code, loops);
            }
        }
    }
    for (int i = 0; i < info->line_count; i++) {
        for (LineInfo *found = info->lines[i]; found != NULL; found = found->next) {
            if (!(found->flags & (LINE_CHANGES | LINE_ALL_NAMES)) && found->wild_calls == 0 &&
                found->stored_name_count == 0 && found->stored_global_count == 0) {
                found->flags |= found->flags & LINE_OPERATES ? LINE_COMPUTES : LINE_QUIET;
            }
        }
    }
    free(drafts);
    done = true;
    info->unit_lines = lines;
    info->unit_count = units;
    lines = NULL;
finish:
    free(lines);
    Py_DECREF(bytes);
    return done;
}

/* ---- code infos ---- */

/* Shared by all code that isn't recorded; one for each of the last runs of this process, so that
 * what was out of scope in an earlier one is looked at again. */
#define KEPT_RUNS 64
static CodeInfo out_of_scope[KEPT_RUNS];

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
    if (info->recorded && globals != NULL && PyDict_CheckExact(globals)) {
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
