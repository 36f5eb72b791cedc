/* What a line may have changed that no variable of its own leads to: by operators, by what its calls gave, by what it could reach
 * when it began. */
#include "recorder.h"
#include "hashing.h"

/* Objects that are followed of what is given to code that isn't recorded. */
#define MOST_GIVEN 16

enum { ORDINARY, COMPUTING, FOREIGN };

/* What operators and subscripts may do to a value: nothing more than the line says; change itself
 * (defaultdict); or run code that isn't recorded (classes of libraries, enums). */
static inline int manners(const Entry *entry)
{
    if (entry == NULL || entry->object == NULL) {
        return ORDINARY;
    }
    const TypeInfo *info = entry->info;
    if (info->type == &PyList_Type || info->type == &PyDict_Type || info->user) {
        return info->mixed ? FOREIGN : info->flags ? COMPUTING : ORDINARY;
    }
    switch (info->shape) {
    case SHAPE_FOREIGN:
    case SHAPE_ENUM:
        return FOREIGN;
    case SHAPE_CLASS:
        return info->type == &PyType_Type ? ORDINARY : FOREIGN;
    case SHAPE_LIST:
    case SHAPE_DICT:
        return COMPUTING;
    default:
        return ORDINARY;
    }
}

/* Whether a module's functions may do what the names of methods of containers don't suggest. */
static bool may_change_anything(PyObject *module)
{
    static const char *const harmless[] = {"posixpath", "re", "string", "shlex", "textwrap", "copy", "collections", "datetime", "numpy", NULL};
    if (PyModule_GetDef(module) != NULL || !is_of_library(module)) {
        return false;
    }
    PyObject *name = dict_get_text(PyModule_GetDict(module), NULL);
    return name == NULL || !is_one_of(name, harmless);
}

static int manners_of_values(const Shadow *shadow, const LineInfo *line)
{
    int found = ORDINARY;
    for (int word = 0; word < shadow->code->words; word++) {
        uint64_t bits = word == 0 ? line->loads[0] & shadow->holding : line->loads[word];
        while (bits) {
            int one = manners(shadow->slots[word * 64 + __builtin_ctzll(bits)].entry);
            bits &= bits - 1;
            found = one > found ? one : found;
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && PyDict_Check(space); i++) {
        PyObject *value = shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                          : read_global(&line->globals[i], space);
        if (value != NULL && !is_inert(value)) {
            int one = manners(find_entry(value));
            found = one > found ? one : found;
        }
        else if (value != NULL && line->flags & LINE_TAME && PyModule_Check(value) && may_change_anything(value)) {
            return FOREIGN;
        }
    }
    return found;
}

/* What calls of the line's own returned may have been changed by the rest of the line. */
static void look_at_results(Shadow *shadow, const Where *where)
{
    enum { MOST = sizeof shadow->results / sizeof *shadow->results };
    for (uint32_t i = 0; i < shadow->result_count && i < MOST; i++) {
        Entry *entry = find_entry(shadow->results[i]);
        if (entry != NULL && entry->id == shadow->result_ids[i]) {
            look_at(entry, where, 0);
        }
        else if (where->line->flags & LINE_RESULTS) {
            budget_spent = true; /* it is gone, but what it held may have been changed, and be held by others */
        }
    }
    budget_spent |= shadow->result_count == UINT32_MAX ||
                    (shadow->result_count > MOST && where->line->flags & (LINE_RESULTS | LINE_EACH));
}

/* What is told of variables that a line reads. */
static void look_at_variables(Shadow *shadow, LineInfo *line, const Where *where)
{
    for (int word = 0; word < shadow->code->words; word++) {
        for (uint64_t bits = slots_to_look_at(shadow, line, word); bits; bits &= bits - 1) {
            look_at_value(frame_slot(shadow->frame, word * 64 + __builtin_ctzll(bits)), where, 0);
        }
    }
    PyObject *space = shadow->namespace_entry != NULL ? shadow->namespace_entry->object : frame_globals(shadow->frame);
    for (int i = 0; i < line->global_count && space != NULL && PyDict_Check(space); i++) {
        look_at_value(shadow->namespace_entry != NULL ? dict_find(space, line->globals[i].name)
                                                      : read_global(&line->globals[i], space), where, 0);
    }
}

/* A line begins that may change the way to what it changes. */
static __attribute__((noinline)) void note_links(Shadow *shadow, LineInfo *line)
{
    Where where = {line, shadow, false};
    noting = shadow->links = new_links();
    if (noting == NULL) {
        return;
    }
    R.round++;
    look_budget = LOOK_BUDGET;
    budget_spent = false;
    look_at_variables(shadow, line, &where);
    noting->incomplete |= budget_spent;
    noting = NULL;
}

/* A loop goes on with what runs code that isn't recorded, which may be the last time: what that can reach. */
static __attribute__((noinline)) void note_loops(Shadow *shadow, LineInfo *line)
{
    Where where = {line, shadow, true};
    if (line == NULL || !(line->flags & LINE_ROUNDS)) {
        return;
    }
    if (shadow->links != NULL && shadow->links->of_loops) {
        release_links(shadow);
    }
    noting = shadow->links = shadow->links != NULL ? shadow->links : new_links();
    if (noting == NULL) {
        return;
    }
    noting->of_loops = noting->count == 0 && !noting->incomplete;
    Credit none = {0, R.events};
    R.round++;
    look_budget = MOST_LINKED;
    budget_spent = false;
    paying = &none;
    look_at_loops(shadow, &where);
    paying = &looking;
    noting->incomplete |= budget_spent;
    noting = NULL;
}

/* It is over: what it could reach then. */
static void look_at_links(const Shadow *shadow, const Where *where)
{
    const struct Links *links = shadow->links;
    bool gone = links == NULL || !links->of_loops;
    for (unsigned i = 0; links != NULL && i < links->count; i++) {
        Entry *entry = links->objects[i].entry;
        if (entry->object != NULL && entry->id == links->objects[i].id) {
            look_at(entry, where, 0);
        }
        else {
            gone = true;
        }
    }
    budget_spent |= links == NULL || (links->incomplete && gone);
}

/* The values of which there are most: they have no content. */
static inline bool is_plain(PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || type == &PyBool_Type || value == Py_None;
}

/* Whether what a call gives goes to code that isn't recorded. */
static bool gives_to_library(const Shadow *shadow)
{
    Frame *below = frame_caller(shadow->frame);
    while (below != NULL && frame_is_shim(below)) {
        below = below->previous;
    }
    return below != NULL && (shadow->parent == NULL || below != shadow->parent->frame);
}

/* The known objects that a value leads to first; NULL where there is no memory. */
static struct Links *nearest_behind(PyObject *value)
{
    static const Where where = {NULL, NULL, true};
    struct Links *links = noting = new_links();
    if (links == NULL) {
        return NULL;
    }
    Credit none = {0, R.events};
    links->nearest = true;
    R.round++;
    look_budget = MOST_GIVEN;
    budget_spent = false;
    paying = &none;
    look_at_value(value, &where, 0);
    paying = &looking;
    noting = NULL;
    links->incomplete |= budget_spent;
    return links;
}

/* That may change it, and no line of the program needs to lead there. `own`: how much of the program's refers to it. */
static void follow_given(PyObject *value, Entry *entry, uint32_t own)
{
    if (entry != NULL && own > 0) {
        if (entry->info->wanders) {
            let_wander(entry, own);
        }
        return;
    }
    struct Links *links = nearest_behind(value);
    for (unsigned i = 0; links != NULL && i < links->count; i++) {
        Entry *found = links->objects[i].entry;
        uint32_t references = references_to(found->object);
        if (found->object != value && found->info->wanders && references > 1) { /* more than what is given refers to it */
            let_wander(found, references - 1);
        }
    }
    given_more |= links == NULL || links->incomplete;
    free_link(links);
}

/* What a call hands to the rest of its caller's line: what it returns, or the instance that it has initialised; and how
 * much refers to that then. */
static PyObject *note_outcome(const Shadow *shadow, PyObject *value)
{
    static PyObject *initialiser;
    const Shadow *caller = shadow->parent;
    bool outside = caller == NULL || (shadow->frame->previous != caller->frame && frame_caller(shadow->frame) != caller->frame);
    if (LIKELY(!outside && (caller->pending == NULL || (caller->pending->wild_calls < 2 && !(caller->pending->flags & LINE_RESULTS))))) {
        return value;
    }
    if (initialiser == NULL) {
        initialiser = PyUnicode_InternFromString("__init__");
    }
    bool is_made = value == Py_None && shadow->code_object->co_name == initialiser && shadow->code->slots > 0;
    value = is_made ? shadow->slots[0].value : value;
    Entry *entry = value != NULL && !is_plain(value) ? find_entry(value) : NULL;
    if (entry != NULL) {
        uint32_t held = is_made ? 2 : 1; /* by whoever gets it, and by the call of its class */
        for (int i = 0; i < shadow->code->slots; i++) {
            held += shadow->slots[i].value == value;
        }
        uint32_t references = references_to(value);
        entry->references = references > held ? references - held : 0;
    }
    R.unseen += outside;
    if (outside && value != NULL && !is_plain(value) && gives_to_library(shadow)) {
        follow_given(value, entry, entry != NULL ? entry->references : 0);
    }
    return value;
}

/* The same of what a generator gives. */
static void note_given(const Shadow *shadow, PyObject *value)
{
    const Shadow *caller = shadow->parent;
    if ((caller == NULL || shadow->frame->previous != caller->frame) && !is_plain(value) && gives_to_library(shadow)) {
        R.unseen++;
        follow_given(value, find_entry(value), references_to(value) - 1);
    }
}

static void add_result(Shadow *caller, const Entry *entry)
{
    caller->results[caller->result_count] = entry->object;
    caller->result_ids[caller->result_count++] = entry->id;
}

/* An iterator: the rest of the line may change what it goes through. */
static void note_gone_through(Shadow *caller, PyObject *iterator)
{
    enum { MOST = sizeof caller->results / sizeof *caller->results };
    struct Links *links = nearest_behind(iterator);
    if (links == NULL || links->incomplete || caller->result_count + links->count > MOST) {
        caller->result_count = UINT32_MAX;
    }
    else {
        for (unsigned i = 0; i < links->count; i++) {
            add_result(caller, links->objects[i].entry);
        }
    }
    free_link(links);
}

/* What a call in a line returned, or a generator gave: the rest of the line may change it. */
static void note_result(Shadow *caller, const Frame *frame, PyObject *value)
{
    enum { MOST = sizeof caller->results / sizeof *caller->results };
    if (caller == NULL || value == NULL || is_plain(value) || caller->result_count == UINT32_MAX) {
        return;
    }
    uint32_t flags = caller->pending != NULL ? caller->pending->flags : 0;
    bool gives_on = caller->pending != NULL && caller->pending->wild_calls > 0; /* what an attribute's method gave, say */
    if (frame->previous != caller->frame && !(flags & LINE_MUTATES) && !gives_on) {
        return;
    }
    const Entry *entry = find_entry(value);
    if (entry == NULL && !(flags & (LINE_RESULTS | LINE_EACH | LINE_BEHIND) && is_object(value))) {
        if (flags & LINE_MUTATES && Py_TYPE(value)->tp_iternext != NULL) {
            note_gone_through(caller, value);
        }
        return;
    }
    int unit = frame_lasti(caller->frame, caller->code_object);
    bool part = unit >= 0 && unit < caller->code->unit_count && caller->code->unit_gives[unit]; /* of an object, as it seems */
    uint32_t relevant = part ? LINE_BEHIND : LINE_RESULTS | LINE_EACH;
    if (entry == NULL) {
        hash_met_object = false;
        value_hash(value, 0);
        if (hash_met_object && flags & relevant) { /* it holds others, and isn't known itself */
            caller->result_count = UINT32_MAX;
        }
    }
    else if (caller->result_count >= MOST) {
        caller->result_count = part && flags & relevant ? UINT32_MAX : MOST + 1;
    }
    else if (caller->result_count == 0 || caller->results[caller->result_count - 1] != value) {
        add_result(caller, entry);
    }
}
