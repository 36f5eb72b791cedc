/* What is kept of a chunk for overviews: its calls as rows, and its events counted in bins. */
#ifndef TTTUI_SUMMARY_H
#define TTTUI_SUMMARY_H

#include "touched.h"

/* One call, as far as it happened in the chunk. Given to Python as so many uint64 in this order. */
typedef struct {
    uint64_t call;
    uint64_t parent;   /* call number of its caller, 0: none recorded */
    uint64_t code;
    uint64_t started;  /* 1 + its first event, 0: before this chunk */
    uint64_t ended;    /* 1 + its last event, 0: not in this chunk */
    uint64_t outcome;  /* CALL_* */
    uint64_t inside;   /* calls made while it was on the stack, in this chunk */
    uint64_t children; /* calls that it made itself, in this chunk */
    uint64_t thread;   /* in which it was met first */
    uint64_t start_ns, end_ns;
    uint64_t caller;   /* caller's lasti+1 */
} CallRow;
enum { CALL_RUNNING = 0, CALL_RETURNED = 1, CALL_RAISED = 2, CALL_SUSPENDED = 3 };

typedef struct {
    CallRow *rows; /* owned; those that were open at the chunk's start or came back in it, and where wanted the new ones */
    size_t count, capacity;
    uint64_t roots; /* new calls without a caller */
    bool new_ones;  /* whether rows of calls that begin in the chunk are wanted */
} CallRows;

/* Behind replay_begin; false without memory. */
bool call_rows_begin(CallRows *rows, Replay *replay);
/* Behind each replay_step; false without memory. */
bool call_rows_step(CallRows *rows, Replay *replay, const Record *record);
/* At the end. Afterwards the rows of older calls come first, by number, then the new ones, by number. */
void call_rows_finish(CallRows *rows, Replay *replay);
/* How many of the rows are of older calls. */
size_t older_calls(const CallRows *rows);
void call_rows_free(CallRows *rows);

/* How many events each thread (or task) has in a bin. */
typedef struct {
    uint64_t *pairs; /* owned: id, events */
    size_t count, capacity;
    size_t latest; /* index of the one that was counted last */
} Shares;

typedef struct {
    uint64_t end_ns, events, calls, raises, depth_min, depth_max, depth_sum;
    Shares threads, tasks;
} Bin;

void bin_clear(Bin *bin);
/* Counts one event, just read; false without memory. */
bool bin_event(Bin *bin, const Replay *replay, const Record *record);
/* Adds one bin to another; false without memory. */
bool bin_merge(Bin *into, const Bin *bin);
void bin_free(Bin *bin);

/* A chunk's summary in the making. */
typedef struct {
    CallRows rows;
    Touched touched;
    Bin bin, group, total;
    Bytes bins, groups;
    uint64_t bin_count, group_count;
} Summary;

/* As call_rows_begin and call_rows_step. */
bool summary_begin(Summary *summary, Replay *replay);
bool summary_step(Summary *summary, Replay *replay, const Record *record);
/* (profile, calls, touched) as summary() of reader.pyi gives it; NULL with an exception. */
PyObject *summary_finish(Summary *summary, Replay *replay);
void summary_end(Summary *summary);

void put_bin(Bytes *out, const Bin *bin);
/* Makes a bytes object of what was collected, which is freed; NULL with an exception. */
PyObject *bytes_object(Bytes *out);

#endif
