/* Tests of scalars: conditions checked without making an object, left to Python where that takes more. */
#ifndef TTTUI_SCALAR_TESTS_H
#define TTTUI_SCALAR_TESTS_H

#include "../reader.h"

enum { MOST_TESTS = 256 };

/* A scalar; or something that is certainly neither None, True nor False; or that there is none, which raises; or what
 * can't be told here. */
typedef enum { S_UNTOLD, S_RAISES, S_ANY, S_NONE, S_BOOL, S_INT, S_FLOAT, S_TEXT } ScalarKind;

typedef struct {
    ScalarKind kind;
    int64_t number; /* of a bool, too */
    double real;
    Span text;      /* borrowed from the chunk or the constant */
} Scalar;

typedef struct {
    uint8_t operation;
    uint16_t left, right; /* indices of tests; of a column: its index in `left` */
    Scalar constant;
} Test;

typedef struct {
    Test all[MOST_TESTS];
    uint16_t count; /* the last one is the whole; 0: there is nothing to test */
} Tests;

/* Gives the scalar in a column. */
typedef Scalar (*ScalarOf)(void *context, uint16_t column);

/* Reads nested tuples (scalar_predicates.py): ("column", index), ("constant", scalar), ("unknown",), or an operator and its
 * operands. None: nothing to test. The tuples must outlive the tests. False with an exception. */
bool read_tests(Tests *tests, PyObject *wanted, Py_ssize_t columns);
/* Whether what is tested holds: T_FALSE or T_RAISES where that is certain. */
typedef enum { T_FALSE, T_RAISES, T_MAY_HOLD } TestResult;
TestResult result_of_tests(const Tests *tests, ScalarOf scalar_of, void *context);
/* The value at `value` as a scalar. */
Scalar scalar_in(const Replay *replay, const uint8_t *value);
/* An object as one; a text is borrowed from it. */
Scalar scalar_from(PyObject *object);

#endif
