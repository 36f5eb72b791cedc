/* What the code of a frame has changed since its last event: variables, names in namespaces, objects that its line
 * could reach. */
#include "recorder.h"
#include "hashing.h"

static inline bool same_words(const uintptr_t *a, const uintptr_t *b, int count)
{
    enum { FEW = 8 }; /* the call isn't worth it for these */
    if (count > FEW) {
        return memcmp(a, b, (size_t)count * sizeof *a) == 0;
    }
    uintptr_t difference = 0;
    for (int i = 0; i < count; i++) {
        difference |= a[i] ^ b[i];
    }
    return difference == 0;
}

static inline void write_slot(Shadow *shadow, int index)
{
    PyObject *value = frame_slot(shadow->frame, index);
    const Slot *kept = &shadow->slots[index];
    if (value != kept->value || (value != NULL && value_hash(value, 0) != kept->hash)) {
        put_slot(shadow, index, value);
        remember_slot(shadow, index, value);
        if (kept->entry != NULL) {
            if (LIKELY(!(kept->entry->flags & ENTRY_FRESH))) {
                if (UNLIKELY(kept->entry->flags & ENTRY_HELD) && kept->entry->info->wanders) { /* it is the program's as well from now on */
                    kept->entry->flags &= (uint16_t)~ENTRY_HELD;
                    let_wander(kept->entry, references_to(value) - 1);
                }
                else if (UNLIKELY(from_outside) && kept->entry->info->wanders) { /* it may have been there before */
                    note_handed(kept->entry, kept->entry->references, true);
                }
                kept->entry->references = references_to(value);
            }
            else if (shadow->pending != NULL && reads_library(shadow, shadow->pending)) {
                from_outside = true; /* until it is written */
            }
        }
    }
    shadow->words[index] = frame_word(shadow->frame, index);
}

/* Where that is which runs code when a line only hands it on. */
enum { NOTHING_ACTS, VARIABLE_ACTS, LOOP_ACTS, LOOP_ACTED /* and may be over */ };

static inline int what_acts(Shadow *shadow, LineInfo *line, bool own)
{
    bool acted = false;
    if (line->flags & LINE_ROUNDS) {
        acted = shadow->loops_act;
        shadow->loops_act = own ? any_loop_acts(shadow, line->next != NULL) : acted;
    }
    if (line->flags & LINE_RUNS && any_acts(shadow, line)) {
        return VARIABLE_ACTS;
    }
    if (LIKELY(!acted && !(shadow->loops_act && line->flags & LINE_ROUNDS))) {
        return NOTHING_ACTS;
    }
    return own && shadow->loops_act ? LOOP_ACTS : LOOP_ACTED;
}

/* Write what a line changed of the objects that it could reach. */
static __attribute__((noinline)) void write_objects(Shadow *shadow, LineInfo *line, int acting)
{
    CodeInfo *code = shadow->code;
    /* Calls that were recorded have told of their changes themselves. */
    bool loose = line->wild_calls > 0 && (shadow->recorded_calls < line->wild_calls || (line->flags & LINE_LOOPS));
    if (loose && line->first_call > 0) { /* the line may only have begun: others of its statement come before its call */
        int unit = frame_lasti(shadow->frame, shadow->code_object);
        loose = unit <= line->first_unit || unit >= line->first_call;
    }
    bool known = loose && !acting && knows_what_calls_got(shadow, line);
    int manners = (!loose || known) && line->flags & LINE_OPERATES ? manners_of_values(shadow, line) : ORDINARY;
    bool worked_out = false; /* by an object that isn't found */
    if (UNLIKELY(library_works_out) && line->flags & LINE_READS && (!loose || known) && manners != FOREIGN) {
        manners = reads_such_a_name(line, true) || reads_worked_out(shadow, line) ? FOREIGN : manners;
        worked_out = manners != FOREIGN && reads_such_a_name(line, false);
    }
    known &= manners != FOREIGN;
    loose = (loose && !(known && got_only_harmless(shadow, line))) || manners == FOREIGN || acting;
    known &= loose;
    if (loose || (line->flags & LINE_CHANGES) || manners == COMPUTING ||
        (shadow->indirect_calls > 0 && (line->flags & LINE_READS)) ||
        (missing_seen && (line->flags & LINE_SUBSCRIPTS) && line->attribute_count > 0)) {
        Where where = {line, shadow, loose};
        R.round++;
        loose_round = loose && !known ? R.round : 0;
        look_budget = loose ? LOOSE_BUDGET : LOOK_BUDGET;
        loosely_written = loose;
        budget_spent = library_met = false;
        R.unseen += loose;
        handed_count = 0;
        from_outside = loose;
        if (known || (loose && line->given.elsewhere)) {
            look_at_given(shadow, line, &where);
            where.loose = loose && !known; /* else nothing else leads there */
        }
        for (int word = 0; word < code->words; word++) {
            for (uint64_t bits = slots_to_look_at(shadow, line, word); bits; bits &= bits - 1) {
                look_at_slot(shadow, word * 64 + __builtin_ctzll(bits), &where);
            }
        }
        where.loose = loose;
        for (int i = 0; UNLIKELY(loose && line->flags & LINE_ALL_NAMES) && i < code->cells_from; i++) {
            look_at_slot(shadow, i, &where); /* it may have given away all variables there are */
        }
        look_at_results(shadow, &where);
        if (UNLIKELY(line->flags & LINE_UNLINKS) || UNLIKELY(acting == LOOP_ACTED)) {
            look_at_links(shadow, &where);
        }
        budget_spent |= (line->flags & LINE_STRAYS) != 0;
        budget_spent |= loose && !known && got_what_is_lost(shadow, line);
        if (UNLIKELY(acting == LOOP_ACTS)) {
            look_at_loops(shadow, &where);
        }
        budget_spent |= acting == VARIABLE_ACTS && acting_gone(shadow, line);
        where.loose = loose && (!known || shadow->namespace_entry != NULL); /* anybody may set its names */
        if (line->global_count || line->stored_name_count || line->stored_global_count ||
            (line->flags & LINE_ALL_NAMES)) {
            write_namespaces(shadow, line, &where);
        }
        R.unseen += (library_met || worked_out) && !loose;
        from_outside = loose || library_met;
        if (from_outside || worked_out) {
            put_byte(ST_FOREIGN);
        }
        if (UNLIKELY(budget_spent)) {
            put_byte(ST_LOOSE);
        }
    }
    else {
        if (line->stored_name_count || line->stored_global_count || (line->flags & LINE_ALL_NAMES)) {
            Where where = {line, shadow, loose};
            R.round++;
            look_budget = LOOK_BUDGET;
            write_namespaces(shadow, line, &where);
        }
        if (UNLIKELY(worked_out)) {
            R.unseen++;
            put_byte(ST_FOREIGN);
        }
    }
    current_depth = 0;
}

/* Nearly all lines that can't are told at once. */
static inline bool may_change_objects(const Shadow *shadow, const LineInfo *line)
{
    if (shadow->indirect_calls > 0 || shadow->result_count > 0 || !(line->flags & (LINE_QUIET | LINE_COMPUTES)) ||
        (missing_seen && line->flags & LINE_SUBSCRIPTS) || (library_works_out && line->flags & LINE_READS)) {
        return true;
    }
    return !(line->flags & LINE_QUIET) &&
           (line->global_count > 0 || shadow->code->words > 1 ||
            (shadow->code->words == 1 && (line->loads[0] & shadow->holding) != 0));
}

/* The cells that a frame holds, its own and those of the functions around it. */
static __attribute__((noinline)) void write_cells(Shadow *shadow, int first, int slots)
{
    Slot *kept = shadow->slots;
    for (int i = first; i < slots; i++) {
        PyObject *value = frame_slot(shadow->frame, i);
        if (value != kept[i].value) {
            put_slot(shadow, i, value);
            remember_slot(shadow, i, value);
        }
        if (value != NULL && Py_TYPE(value) == &PyCell_Type) {
            Where where = {shadow->pending, shadow, false};
            Entry *entry = kept[i].entry;
            if (entry == NULL || entry->object != value) {
                entry = kept[i].entry = find_entry(value);
            }
            if (entry != NULL && !cell_same(entry)) {
                current_depth = 1;
                check_entry(entry, &where);
                current_depth = 0;
            }
        }
    }
}

/* Whether what ran since the frame's last event can have taken no time. */
static bool brief;

/* Write what the code that ran in this frame since its last event changed; `own`: the event is one of this frame. */
static void write_changes(Shadow *shadow, bool own)
{
    CodeInfo *code = shadow->code;
    LineInfo *line = shadow->pending;
    int slots = code->slots, plain = code->cells_from;
    current_depth = 0;
    handed_count = 0;
    line_began = shadow->began;
    if (UNLIKELY(slots > 65536)) {
        look_after_wanderers();
        return;
    }
    brief = line != NULL ? is_brief(shadow, line) : R.events == call_begun;
    if (line != NULL && !brief) {
        int acting = line->flags & (LINE_RUNS | LINE_ROUNDS) ? what_acts(shadow, line, own) : NOTHING_ACTS;
        if (UNLIKELY(acting != NOTHING_ACTS) || may_change_objects(shadow, line)) {
            write_objects(shadow, line, acting);
        }
    }
    /* The same address may hold another value by now where the line itself stores. */
    for (int word = 0; line != NULL && word < code->words; word++) {
        uint64_t bits = line->stores[word];
        while (bits) {
            int index = word * 64 + __builtin_ctzll(bits);
            bits &= bits - 1;
            if (LIKELY(index < plain)) {
                write_slot(shadow, index);
            }
        }
    }
    if (UNLIKELY(!same_words(frame_words(shadow->frame), shadow->words, plain))) { /* stored by other means */
        for (int i = 0; i < plain; i++) {
            if (frame_word(shadow->frame, i) != shadow->words[i]) {
                write_slot(shadow, i);
            }
        }
    }
    if (UNLIKELY(plain < slots)) {
        write_cells(shadow, plain, slots);
    }
    Entry *space = shadow->namespace_entry;
    if (UNLIKELY(space != NULL && space->object != NULL && !(space->flags & (ENTRY_NAMESPACE | ENTRY_PENDING)))) {
        Where where = {line, shadow, false};
        check_entry(space, &where); /* it is a value of the program's as well: names that no line of its own sets count too */
    }
    drain();
    if (UNLIKELY(handed_count > 0)) {
        settle_handed();
    }
    from_outside = false;
    look_after_wanderers();
}
