/* nearest(): where the first of some words stands in bytes, be it in capitals. */
#include "../reader.h"

#include <string.h>

#define MOST_WORDS 64

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

static bool stands_at(const uint8_t *at, const uint8_t *end, const char *word, size_t size)
{
    if ((size_t)(end - at) < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (lower(at[i]) != (uint8_t)word[i])
            return false;
    return true;
}

PyObject *reader_nearest(PyObject *module, PyObject *arguments)
{
    Py_buffer data;
    Py_ssize_t start;
    PyObject *words;
    if (!PyArg_ParseTuple(arguments, "y*nO!:nearest", &data, &start, &PyTuple_Type, &words))
        return NULL;
    const char *texts[MOST_WORDS];
    size_t sizes[MOST_WORDS];
    Py_ssize_t count = PyTuple_GET_SIZE(words) < MOST_WORDS ? PyTuple_GET_SIZE(words) : MOST_WORDS;
    uint64_t beginning[256] = {0}; /* bit set over the words: those that begin with it */
    for (Py_ssize_t i = 0; i < count; i++) {
        char *text;
        Py_ssize_t size;
        if (PyBytes_AsStringAndSize(PyTuple_GET_ITEM(words, i), &text, &size) < 0) {
            PyBuffer_Release(&data);
            return NULL;
        }
        texts[i] = text;
        sizes[i] = (size_t)size;
        if (size > 0) {
            uint8_t first = (uint8_t)text[0];
            beginning[first] |= (uint64_t)1 << i;
            if (first >= 'a' && first <= 'z')
                beginning[first - 32] |= (uint64_t)1 << i;
        }
    }
    const uint8_t *bytes = data.buf, *end = bytes + data.len;
    Py_ssize_t found = -1;
    uint64_t there = 0;
    for (const uint8_t *at = bytes + (start > 0 ? start : 0); at < end && there == 0; at++)
        for (uint64_t left = beginning[*at]; left != 0; left &= left - 1) {
            int word = __builtin_ctzll(left);
            if (stands_at(at, end, texts[word], sizes[word])) {
                found = at - bytes;
                there |= (uint64_t)1 << word;
            }
        }
    PyBuffer_Release(&data);
    return Py_BuildValue("nK", found, (unsigned long long)there);
}
