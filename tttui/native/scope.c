/* Whose code it is: which is recorded, and which is a library's. */
#include "recorder.h"

#include <fnmatch.h>

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
