/* What a search looks for: conditions on an event, all of which must hold (EventFilter in
 * navigation/filters.py says what each means). */
#ifndef TTTUI_CONDITIONS_H
#define TTTUI_CONDITIONS_H

#include "../reader.h"

/* What the mapping of `stops` tells of a code, kept while a search runs. */
typedef struct {
    uint64_t code;
    PyObject *bytes; /* owned: uint32 STOPS_*, then uint32 first and last line of each range */
    const uint32_t *ranges;
    Py_ssize_t count; /* ranges */
    uint32_t yields;
} StopTable;

/* Which yields are stops: all; none (by them a coroutine only waits); or those that hand out an opaque
 * value of the type with this number more than its id (an async generator's own). */
enum { STOPS_ALL_YIELDS = 0, STOPS_NO_YIELDS = 1, STOPS_YIELDS_OF_TYPE = 2 };
enum { STOP_TABLES = 64 };

typedef struct {
    uint32_t kinds;
    int64_t thread; /* 0 any; below 0: any other */
    int64_t task;  /* below 0: any other but none */
    bool any_task;
    uint64_t call, caller, depth; /* 0 any */
    Map codes;                    /* (code, 0); empty: any */
    Map lines;                    /* (code, zigzag line) of line events; empty: any */
    uint64_t only_code;           /* the one code or line that there is of these; 0: none, or several */
    int64_t only_line;
    int64_t first_line, last_line; /* of line events; 0: no bound */
    bool by_variable;
    uint64_t variable_code, slot;
    uint64_t object; /* 0: not by object */
    bool fresh;
    PyObject *stops; /* borrowed: code to bytes; NULL: all lines and yields */
    StopTable tables[STOP_TABLES];
    /* Per thread (index in the replay), for `fresh`: 0 it had no event in this chunk yet, 1 its last
     * event was no unwind, 2 an unwind of what isn't known, 2 + id an unwind of that object. */
    uint64_t *unwound; /* owned */
    uint32_t threads;
    bool was_first;    /* the event that was tested last: nothing of its thread stood before it */
} Conditions;

/* Reads the tuple of conditions; false with an exception. `conditions` must be freed in any case. */
bool read_conditions(Conditions *conditions, PyObject *tuple);
void free_conditions(Conditions *conditions);

/* Whether a record that was just read changes what is looked for (variable, object). */
bool is_wanted_change(const Conditions *conditions, const Replay *replay, const Record *record);
/* Whether an event that was just read satisfies the conditions: 1, 0, or -1 with an exception. Has to be asked
 * of every event of the chunk where `fresh` is set. */
int is_wanted_event(Conditions *conditions, const Replay *replay, const Record *record);

static inline bool looks_for_changes(const Conditions *conditions)
{
    return conditions->by_variable || conditions->object != 0;
}

#endif
