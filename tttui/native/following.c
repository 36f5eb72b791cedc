/* Following what code that isn't recorded has kept (wanderers.c): when it is looked at again, and how far. */
#include "recorder.h"

static Credit following = {MOST_CREDIT, 0};

/* Whatever lies behind an object that is kept may have changed as well: the round in which all of it is looked at. */
static uint64_t look_behind_wanderers(void)
{
    static const Where anywhere = {NULL, NULL, true};
    Entry *kept[MOST_WANDERERS];
    unsigned count = 0;
    for (unsigned i = 0; i < wanderer_count; i++) {
        kept[count++] = wanderers[i].entry;
    }
    if (R.round != loose_round || budget_spent) {
        R.round++;
    }
    bool spent = budget_spent; /* of the line, which has said so */
    look_budget = LOOK_BUDGET;
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

static void check_wanderers(void)
{
    static const Where anywhere = {NULL, NULL, true};
    uint64_t switches = thread_switches(R.interpreter);
    bool ran = R.unseen != unseen_known || switches != switches_known, ended = R.deaths != deaths_known;
    if (!ran && !ended && eager_count == 0) {
        return;
    }
    unseen_known = R.unseen;
    deaths_known = R.deaths;
    switches_known = switches;
    uint64_t followed_round = ran ? look_behind_wanderers() : 0;
    for (unsigned i = wanderer_count; i-- > 0;) {
        Entry *entry = wanderers[i].entry;
        PyObject *dict = shared_dict(entry->object, entry->info), *object = entry->object;
        uint32_t references = wanderers[i].references;
        bool container = has_items(entry->info->shape) || entry->info->shape == SHAPE_BYTEARRAY;
        bool back = dict == NULL && ((!container && references == 0) || !is_kept(object, references));
        if (ran || ended || dict != NULL || back || (container && size_differs(entry))) {
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
    drain();
}

static inline void look_after_wanderers(void)
{
    if (UNLIKELY(wanderer_count > 0)) {
        check_wanderers();
    }
}
