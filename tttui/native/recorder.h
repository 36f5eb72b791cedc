/* What the parts of the recorder share. Ownership: the recorder owns no Python object. Every
 * PyObject * here is borrowed and only looked at while something of the program's keeps it alive;
 * what must outlive that is copied as bytes or hashed. Everything runs under the GIL. */
#ifndef TTTUI_RECORDER_H
#define TTTUI_RECORDER_H

#include "compat.h"
#include "ring.h"
#include "stream.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- code objects -------------------------------------------------------------------------- */

/* A global variable that a line reads: found again in the globals' entries without a look-up
 * while it keeps its place there. */
typedef struct {
    PyObject *name;      /* borrowed from co_names */
    Py_ssize_t place;    /* index into the entries of the globals' keys, -1 unknown; -2 - n: it
                          * wasn't there when the globals had n entries */
} GlobalRead;

enum {
    LINE_CALLS = 1,         /* calls something                                                  */
    LINE_SUBSCRIPTS = 2,    /* reads, sets or deletes an item                                   */
    LINE_SETS_ITEM = 4,     /* sets or deletes an item                                          */
    LINE_ALL_NAMES = 8,     /* may store any name of the namespace (import *, globals() ...)    */
    LINE_CHANGES = 16,      /* may itself change an object: stores, in-place operators, methods
                             * of containers                                                    */
    LINE_OPERATES = 128,    /* operators, subscripts: may run code of the operands' classes     */
    LINE_READS = 64,        /* reads attributes: which may be computed, and then kept           */
    LINE_LOOPS = 32,        /* may run its calls more than once                                 */
    LINE_SETS_ATTRIBUTE = 512,
    LINE_RESULTS = 1024,    /* changes what a call on the line returned, or what that holds      */
    LINE_MIDDLE = 2048,     /* may change a container elsewhere than at its planned keys and ends */
    LINE_KEYS = 1 << 20,    /* the same, but no list: by methods that lists don't have           */
    LINE_RIGHT = 4096,      /* may add or remove at the end                                     */
    LINE_LEFT = 8192,       /* the same at the beginning                                        */
    LINE_MUTATES = 16384,   /* changes objects itself, by stores and methods of containers      */
    LINE_EACH = 32768,      /* does so to any of the items of a container                       */
    LINE_UNLINKS = 131072,  /* may change the way to an object as well as the object             */
    LINE_STRAYS = 65536,    /* changes what may not be found from its variables, when it is over */
    LINE_ITERATES = 256,    /* goes through what a container holds                              */
    LINE_QUIET = 1 << 18,   /* can change nothing but variables in slots                        */
    LINE_COMPUTES = 1 << 19, /* the same, unless its operators run code of their operands       */
    LINE_RUNS = 1 << 21,    /* may call what it only hands on, or go through it                 */
    LINE_HANDS_ON = 1 << 23, /* reads global variables for other ends than to call them             */
    LINE_ROUNDS = 1 << 22,  /* goes on with a loop                                              */
    LINE_BEHIND = 1 << 27,  /* changes what no variable holds itself                                */
    LINE_ADDS = 1 << 26,    /* may add a new key to a dict                                          */
    LINE_CLASSES = 1 << 25, /* asks for the class of an object                                  */
    LINE_BRIEF = 1 << 28,   /* is over at once where its variables are small numbers (brief.c)          */
    LINE_TAME = 1 << 24,    /* calls a method that by its name changes at most what it is called on */
};

/* A key that a line uses, as it can be worked out again: up to three parts, and what is done with them. */
enum { KEY_UNKNOWN, KEY_SLOT, KEY_ATTRIBUTE, KEY_NAME, KEY_GLOBAL, KEY_CONSTANT, KEY_NUMBER,
       KEY_BOUNDS, KEY_METHOD, KEY_FUNCTION /* no keys: those of a slice, a callee */ };
enum { KEY_PLUS = 1, KEY_MINUS, KEY_TIMES, KEY_FLOOR, KEY_MODULO, KEY_NEGATE,
       KEY_ITEM, KEY_SLICE /* of a str: left[right], left[right:third] */ };
typedef struct {
    uint8_t kind;           /* KEY_*                                                            */
    int index;              /* slot, name, constant; the number itself; an attribute's slot << 16 | name */
} KeyPart;
typedef struct {
    KeyPart left, right, third;
    uint8_t op, op2;        /* op2(op(left, right), third); 0: none                             */
    bool sets;              /* an item is stored under it                                       */
} KeyPlan;

/* How far from a variable what a line reaches is looked at. */
#define LOOK_DEPTH 6

/* What one line of a code object may do, worked out once from its instructions. */
/* The values that a line gives to its calls, their methods' objects included. */
typedef struct {
    uint64_t slots;         /* bit set over the first 64 slots                                  */
    struct { int slot; PyObject *name; } attributes[4]; /* of variables; names are borrowed from co_names */
    uint8_t attribute_count;
    bool globals;           /* names outside of the function                                    */
    bool elsewhere;         /* some come to it from other lines of the statement,               */
    bool lost;              /* and were what a call gave there                                  */
    bool anything;          /* it can't be told                                                 */
} Given;

typedef struct LineInfo {
    uint64_t *stores;       /* bit set over slots: may be bound or unbound here                 */
    uint64_t *loads;        /* bit set over slots: read here                                    */
    uint32_t flags;
    int next_unit;          /* of a for loop: where each further round begins, else -1          */
    struct LineInfo *next;  /* what such a round may do                                         */
    uint32_t handed;        /* bit set over attributes: those that are not only called here     */
    uint16_t wild_calls;    /* calls of what isn't known to leave other objects alone           */
    uint16_t global_count, attribute_count, stored_name_count;
    GlobalRead *globals;
    PyObject **attributes;  /* attribute names used, interned, borrowed from co_names           */
    PyObject **stored_names;/* names stored in the namespace (module, class body)               */
    PyObject **stored_globals; uint16_t stored_global_count;
    KeyPlan *plans; uint16_t plan_count;
    int first_unit, first_call; /* where it begins, and calls something, if that is behind other lines; else 0 */
    Given given;            /* what calls of what isn't known to leave other objects alone get     */
} LineInfo;

typedef struct CodeInfo {
    uint32_t id;            /* 0 until defined in the stream                                    */
    uint32_t run;           /* the recording for which it was made                              */
    bool recorded;          /* in scope                                                         */
    bool defined;
    bool optimized;         /* locals live in slots; otherwise in a namespace dict              */
    bool suspends;          /* generator, coroutine, async generator                            */
    bool coroutine;
    bool has_secrets;       /* some variable may hold a secret, by its name                     */
    uint32_t stops;         /* bit set over the places at which to stop: those in its file      */
    int slots, words;       /* words: of the bit sets                                           */
    int first_line, line_count;
    int cells_from;         /* first slot that holds a cell, == slots if none                   */
    unsigned char *kinds;   /* SLOT_* by slot                                                   */
    LineInfo **lines;       /* by line - first_line; NULL: does nothing of interest             */
    LineInfo *any;          /* the union of all lines: used where the line isn't known          */
    int *unit_lines;        /* line of each code unit                                           */
    int unit_count;
    uint8_t *unit_gives;    /* by code unit: whether it gives what an attribute or a key leads to */
} CodeInfo;

/* ---- objects ------------------------------------------------------------------------------- */

typedef struct {
    PyObject *name;         /* borrowed from the type                                           */
    Py_ssize_t offset;
    uint32_t name_id;
    bool after_items;       /* counted from the end of the object's items                       */
} SlotMember;

static inline PyObject *member_of(PyObject *object, const SlotMember *member)
{
    return slot_value(object, member->offset, member->after_items);
}

typedef struct TypeInfo {
    PyTypeObject *type;
    uint32_t id;
    uint8_t shape;
    uint8_t kind;           /* KIND_* of its instances                                          */
    bool tracked;           /* its instances have identity and content                          */
    bool has_attributes;
    bool user;              /* a class made by recorded code                                    */
    bool mixed;             /* such a class with a base of a library's, whose methods may run   */
    bool flags;             /* of enum.Flag: it gets members where its members are combined         */
    bool works_out;         /* a library may work out its attributes when they are read             */
    bool weak;              /* its instances are weak references, or proxies                    */
    bool wanders;           /* its instances may be changed by whoever has kept them            */
    bool renamed;           /* it has got another name since the last event                     */
    uint16_t member_count;
    SlotMember *members;    /* __slots__                                                        */
} TypeInfo;

/* What the recorder makes of a value. */
enum {
    KIND_NONE_, KIND_BOOL, KIND_INT, KIND_FLOAT, KIND_STR, KIND_TRACKED, KIND_BYTES, KIND_TUPLE,
    KIND_FROZENSET, KIND_COMPLEX, KIND_RANGE, KIND_SLICE, KIND_NAMED, KIND_LABEL, KIND_REPR, KIND_ARRAY_SCALAR,
    KIND_SINGLETON, KIND_OPAQUE, KIND_CLASS,
};

enum {
    ENTRY_LARGE = 1, ENTRY_PENDING = 2, ENTRY_NAMESPACE = 4, ENTRY_WANDERS = 16, ENTRY_DOUBTED = 32,
    ENTRY_ATOMS = 8,        /* none of its items has content of its own (as it was last compared) */
    ENTRY_FRESH = 64,       /* met at this event for the first time                               */
    ENTRY_HELD = 256,       /* met first in what is a library's                                   */
    ENTRY_OPEN = 128,       /* a class or a module's names: whoever runs may change them          */
    ENTRY_LABELS = 512,     /* it holds, or held, what is shown by its name                       */
};

/* A tracked object, while it lives. */
typedef struct Entry {
    PyObject *object;
    struct Entry *next_free;
    TypeInfo *info;
    uint64_t id;
    uint64_t round;         /* the check in which it was last looked at                         */
    uint64_t *hashes;       /* fingerprint of each known entry (small), or of the windows       */
    uint32_t count;         /* hashes in use                                                    */
    uint32_t capacity;
    uint32_t attributes;    /* how many of them, at the end, are attributes                     */
    uint32_t written;       /* entries written since the last snapshot                          */
    uint32_t epoch;         /* chunk in which it was last written                               */
    uint16_t epochs;        /* chunks in which it was written since the last snapshot           */
    uint16_t flags;
    uint8_t depth;
    uint32_t references;    /* to the object, when last looked at; of a fresh one: those met    */
    uint32_t unseen;        /* R.unseen, when last looked at                                    */
    uint32_t mentions;      /* references that were written of it during a line that ran code that isn't recorded */
    uint64_t mentioned;     /* the event at which the last of them was                          */
    Py_ssize_t length;      /* last known true length                                           */
    uint64_t snapshot;      /* event at which it was last written whole                         */
    uint64_t version;       /* dicts: change counter where CPython has one                      */
    Py_ssize_t entries_end; /* dicts: dk_nentries when last looked at                           */
} Entry;

/* ---- frames -------------------------------------------------------------------------------- */

typedef struct {
    PyObject *value;        /* what the slot held when last looked at; compared, never followed */
    uint64_t hash;
    Entry *entry;           /* of a tracked value                                               */
    bool compound;          /* not tracked itself, but holds what may be (a tuple, a method)    */
} Slot;

typedef struct Shadow {
    Frame *frame;
    CodeInfo *code;
    struct Shadow *parent;
    struct Shadow *next;    /* in the free list, in the table of suspended frames               */
    LineInfo *pending;      /* the line that has run since the last event                       */
    uint64_t call;
    uint64_t namespace_id;
    Entry *namespace_entry;
    struct Shadow *root;    /* the coroutine of the task that it belongs to; NULL where there is none */
    uint64_t task;          /* of such a coroutine; 0 as long as it has none                    */
    const PyObject *running;/* asyncio's task of such a coroutine (compared, not followed)      */
    int line;
    int caller_lasti;       /* + 1; 0 unknown                                                   */
    uint32_t epoch;         /* chunk in which it was last the current frame                     */
    uint32_t recorded_calls;/* calls into recorded code since the line began                    */
    uint32_t indirect_calls;/* calls into recorded code that other code made for the line       */
    PyObject *results[4];   /* what calls in this line returned (looked at while they are tracked)   */
    uint64_t result_ids[4];
    uint32_t result_count;
    PyObject *exception;    /* 3.11: raised in this frame, or handled in it at its last line
                             * (compared, not followed): what leaves it if anything does        */
    uint64_t began;         /* the event of its line                                            */
    struct Links *links;    /* what its line could reach when it began, of some lines           */
    bool holds_library;     /* a variable has held an object of a library's                         */
    bool loops_act;         /* what its loops go through runs code, as far as that is known          */
    int size_class;
    uintptr_t *words;       /* the slots' memory as it was when last looked at: compared first  */
    PyCodeObject *code_object;
    uint64_t small;         /* bit set over the first 64 slots: those whose values are small numbers, or that have none */
    uint64_t holding;       /* bit set over the first 64 slots: those whose values may have content */
    uintptr_t calm_loops;   /* what its loops go through, as far as that is known to run nothing     */
    uint64_t acting;        /* the same: those whose values run code when they are handed on (acting.c) */
    Slot slots[];
} Shadow;

/* A stack that isn't running now although nothing in it was suspended (greenlets). */
typedef struct Parked {
    struct Parked *next;
    Shadow *top;
} Parked;

typedef struct Thread {
    struct Thread *next;
    PyThreadState *state;
    uint64_t state_id;
    uint32_t id;
    Shadow *top;
    Parked *parked;
    uint64_t task;
    PyObject *raising;      /* the exception that was reported last (compared, not followed)    */
    Frame *thrown_into;     /* 3.11: resumed by throw(); the exception follows                  */
    bool adopted;           /* the frames that it ran before its first event are known          */
    uint64_t raising_id;    /* its identity                                                     */
    bool aside;             /* it runs code of the debugger's, which is not recorded            */
    bool passing;           /* it has just left a frame, and passes through the callers         */
    Frame *raised_in;       /* the frame of the last event, if that was a raise                 */
} Thread;

/* ---- the recorder -------------------------------------------------------------------------- */

typedef struct Pending {
    uint8_t kind;
    uint32_t id;
    void *what;
    uint64_t extra;
} Pending;

typedef struct {
    bool active;
    uint32_t run;           /* counts the recordings of this process                            */
    bool inside;            /* a callback runs: what it sets off must not be recorded           */
    bool attention;         /* something is to be done at the end of this event: attend()       */
    bool copy;              /* this is a copy of the program, not the program                   */
    bool verifying;         /* it is compared with what was recorded                            */
    PyInterpreterState *interpreter;
    PyObject *builtins;     /* the dict of the builtins module: large, and rarely of interest   */

    /* the ring */
    RingHeader *ring;
    uint8_t *data;
    uint64_t capacity, mask;
    uint64_t head;          /* absolute position of `cursor`'s last synchronisation             */
    uint8_t *cursor, *limit, *origin;
    uint64_t tail_seen;
    uint64_t room_until;    /* heads up to here leave room for one more event                   */
    uint64_t events, calls, objects;
    uint64_t chunk_end_event, chunk_end_head; /* where the next chunk begins, whichever is first */
    uint32_t epoch;
    size_t restating_room;  /* bytes that may yet go into writing objects whole in this chunk      */
    uint64_t clock_ticks, last_ticks;
    uint64_t last_time;
    uint64_t next_checkpoint; /* when the next copy is due; UINT64_MAX never                    */

    /* limits */
    Py_ssize_t max_items, max_depth, max_string;

    Thread *threads, *thread;
    uint32_t thread_count;
    uint32_t threads_aside; /* those that run code of the debugger's                            */

    uint64_t round;
    uint32_t unseen;        /* counts the times that code which isn't recorded may have run     */
    uint64_t deaths;        /* the same of objects that had finalisers, or weak references      */
    uint32_t code_count, file_count, type_count, name_count, text_count, task_count;

    Pending *queue;
    size_t queue_count, queue_capacity;
} Recorder;

extern Recorder R;

#endif
