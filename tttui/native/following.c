/* Following what code that isn't recorded has kept (wanderers.c): when it is looked at again, and how far. */
#include "recorder.h"

/* Objects that are looked at in any case, whenever code that isn't recorded has run. */
#define FOLLOW_BUDGET 8

static Credit following = {MOST_CREDIT, 0};
static bool given_more; /* code that isn't recorded was given more objects than are followed one by one */

/* Whatever lies behind an object that is kept may have changed as well: the round in which all of it is looked at. */
static uint64_t look_behind_wanderers(void)
{
    static const Where anywhere = {NULL, NULL, true};
    Entry *kept[MOST_WANDERERS];
    unsigned count = 0;
    for (unsigned i = 0; i < wanderer_count; i++) {
        if (!PyModule_Check(wanderers[i].entry->object)) { /* an instance that is in sys.modules: open to all, as modules are */
            kept[count++] = wanderers[i].entry;
        }
    }
    if (R.round != loose_round || budget_spent) {
        R.round++;
    }
    bool spent = budget_spent; /* of the line, which has said so */
    look_budget = FOLLOW_BUDGET;
    budget_spent = false;
    paying = &following;
    while (count-- > 0) {
        look_at(kept[count], &anywhere, 0);
    }
    paying = &looking;
    if (budget_spent) {
        put_byte(ST_LOOSE);
    }
    budget_spent = spent;
    return R.round;
}

/* ---- names of modules ---- */

static bool write_value_of_name(Entry *space, PyObject *name, PyObject *value);

/* Changes whenever a name gets another value. */
static inline uint64_t space_version(const Entry *space)
{
#if WATCH_DICTS
    return (uint64_t)space->entries_end; /* counted by note_store */
#else
    return dict_version((PyDictObject *)space->object);
#endif
}

#if WATCH_DICTS
static int note_store(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *value)
{
    (void)event, (void)key, (void)value;
    Entry *space = R.active && current_thread()->interp == R.interpreter ? find_entry(dict) : NULL;
    if (space != NULL && space->flags & ENTRY_NAMESPACE) {
        space->entries_end++;
    }
    return 0;
}
#endif

static void watch_space(Entry *space)
{
    open_entry(space);
#if WATCH_DICTS
    static int watcher = -1;
    if (watcher < 0) {
        watcher = PyDict_AddWatcher(note_store);
    }
    if (watcher < 0 || PyDict_Watch(watcher, space->object) < 0) {
        PyErr_Clear();
    }
#endif
}

static void remember_space(Entry *space)
{
    space->version = space_version(space);
    space->length = ((PyDictObject *)space->object)->ma_used;
}

/* Code that isn't recorded may have set variables of a module of the program's. */
static void check_space(Entry *space)
{
    PyDictObject *dict = (PyDictObject *)space->object;
    if (space->flags & ENTRY_PENDING || space_version(space) == space->version) {
        return;
    }
    Py_ssize_t end = dict_end(dict), expected = space->length;
    Pair pair;
    for (Py_ssize_t i = 0; i < end; i++) {
        if (dict_entry(dict, i, &pair) && PyUnicode_CheckExact(pair.key) && !is_dunder(pair.key)) {
            expected += write_value_of_name(space, pair.key, pair.value);
        }
    }
    if (dict->ma_used < expected) { /* some are gone */
        put_contents(space, OB_SNAPSHOT);
    }
    remember_space(space);
}

/* Classes and modules are open to all code, whether or not it was handed something. */
static void check_open_entries(void)
{
    static const Where anywhere = {NULL, NULL, true};
    for (size_t i = 0; i < open_count; i++) {
        Entry *entry = open_entries[i];
        if (entry->flags & ENTRY_NAMESPACE) {
            check_space(entry);
        }
        else {
            current_depth = entry->depth + 1;
            check_entry(entry, &anywhere);
        }
    }
}

/* ---- all of it ---- */

static void write_new_names(PyObject *given);
static PyObject *given_back; /* by the current frame, which is about to end or to wait */

static void check_wanderers(void)
{
    static const Where anywhere = {NULL, NULL, true};
    if (UNLIKELY(renamed_count > 0)) {
        write_new_names(given_back);
    }
    uint64_t switches = thread_switches(R.interpreter);
    bool ran = R.unseen != unseen_known || switches != switches_known, ended = R.deaths != deaths_known;
    if (UNLIKELY(given_more)) { /* than can be followed */
        put_byte(ST_LOOSE);
        given_more = false;
    }
    unseen_known = R.unseen;
    deaths_known = R.deaths;
    switches_known = switches;
    if (LIKELY(wanderer_count == 0 && open_count == 0)) {
        return;
    }
    if (ran) {
        check_open_entries();
    }
    uint64_t followed_round = ran ? look_behind_wanderers() : 0;
    for (unsigned i = wanderer_count; i-- > 0;) {
        Entry *entry = wanderers[i].entry;
        PyObject *dict = shared_dict(entry->object, entry->info), *object = entry->object;
        bool back = dict == NULL && !is_kept(object, wanderers[i].references);
        if (ran || ended || dict != NULL || back || (wanderers[i].eager && size_differs(entry))) {
            current_depth = entry->depth + 1;
            if (entry->round != followed_round) {
                check_entry(entry, &anywhere);
            }
            Entry *shared = dict != NULL ? find_entry(dict) : NULL;
            if (shared != NULL) {
                check_entry(shared, &anywhere);
            }
        }
        if (back) {
            entry->references = references_to(object); /* it may be handed over again */
            remove_wanderer(i);
        }
    }
    explain_wanderers_in_time();
    drain();
}

static inline void look_after_wanderers(void)
{
    if (UNLIKELY(R.unseen != unseen_known) ||
        UNLIKELY(wanderer_count > 0 && (eager_count > 0 || R.deaths != deaths_known || thread_switches(R.interpreter) != switches_known))) {
        check_wanderers();
    }
}
