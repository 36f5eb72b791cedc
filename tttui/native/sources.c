/* The texts of the source files that code comes from, each in the stream once. */
#include "recorder.h"

#include <stdlib.h>

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
