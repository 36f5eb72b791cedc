/* What is known of each line of a code object, put together from its instructions. */
#include "recorder.h"

#include <stdlib.h>

static void free_line(LineInfo *info)
{
    if (info != NULL) {
        free_line(info->next);
        free(info->stores);
        free(info->globals);
        free(info->attributes);
        free(info->stored_names);
        free(info->stored_globals);
        free(info->plans);
        free(info);
    }
}

static LineInfo *new_line(int words)
{
    LineInfo *info = calloc(1, sizeof(LineInfo));
    if (info == NULL) {
        return NULL;
    }
    info->stores = calloc((size_t)words * 2 + 1, sizeof(uint64_t));
    if (info->stores == NULL) {
        free(info);
        return NULL;
    }
    info->loads = info->stores + words;
    info->next_unit = -1;
    return info;
}

static void free_code(void *memory)
{
    CodeInfo *info = memory;
    if (info == NULL) {
        return;
    }
    if (info->lines != NULL) {
        for (int i = 0; i < info->line_count; i++) {
            free_line(info->lines[i]);
        }
        free(info->lines);
    }
    free(info->kinds);
    free(info->unit_lines);
    free(info->unit_gives);
    free(info);
}

/* Where an instruction jumps back to; -1 for others. */
static int backward_target(int unit, int op, int arg)
{
    switch (op) {
    case JUMP_BACKWARD: /* followed by a cache since 3.12 */
        return unit + (PY_VERSION_HEX >= 0x030c0000) + 1 - arg;
    case JUMP_BACKWARD_NO_INTERRUPT:
        return unit + 1 - arg;
    default:
        return branches_back(op) ? unit + 1 - arg : -1;
    }
}

/* Where an instruction jumps forward to; -1 for others. `next`: the instruction behind it. */
static int forward_target(int next, int op, int arg)
{
    switch (op) {
    case FOR_ITER:
    case SEND:
    case JUMP_FORWARD:
        return next + arg;
    default:
        return branches_forward(op) ? next + arg : -1;
    }
}

/* Whether what a jump takes from the stack is still there where it goes. */
static inline bool jumps_before(int op)
{
#ifdef JUMP_IF_FALSE_OR_POP
    return op == JUMP_IF_FALSE_OR_POP || op == JUMP_IF_TRUE_OR_POP;
#else
    (void)op;
    return false;
#endif
}

/* Whether anything from a call on jumps back to between the beginning of its line and the call. */
static bool jumps_into(const uint8_t *p, int units, int from, int call)
{
    int extended = 0;
    for (int i = 0; i < units; i++) {
        int op = p[2 * i], arg = p[2 * i + 1] | extended, target = backward_target(i, op, arg);
        extended = op == EXTENDED_ARG ? arg << 8 : 0;
        if (i >= call && target > from && target <= call) {
            return true;
        }
    }
    return false;
}

static bool analyse(PyCodeObject *code, CodeInfo *info)
{
    PyObject *bytes = PyCode_GetCode(code);
    if (bytes == NULL) {
        PyErr_Clear();
        return false;
    }
    int units = (int)(PyBytes_GET_SIZE(bytes) / 2);
    const uint8_t *p = (const uint8_t *)PyBytes_AS_STRING(bytes);
    int *lines = malloc((size_t)(units + 1) * sizeof(int));
    uint8_t *gives = calloc((size_t)units + 1, 1);
    Join **joins = calloc((size_t)units + 1, sizeof(Join *)); /* by the instruction jumped to from in front of it */
    bool done = false;
    if (lines == NULL || joins == NULL || gives == NULL) {
        goto finish;
    }
    unit_lines(code, lines, units);
    int low = code->co_firstlineno, high = low;
    for (int i = 0; i < units; i++) {
        if (lines[i] >= 0) {
            low = lines[i] < low ? lines[i] : low;
            high = lines[i] > high ? lines[i] : high;
        }
    }
    if (high - low > 10000000) {
        goto finish;
    }
    info->first_line = low;
    info->line_count = high - low + 1;
    info->lines = calloc((size_t)info->line_count, sizeof(LineInfo *));
    Draft *drafts = calloc((size_t)info->line_count, sizeof(Draft));
    Uses *uses = calloc((size_t)info->line_count, sizeof(Uses));
    if (info->lines == NULL || drafts == NULL || uses == NULL) {
        free(drafts);
        free(uses);
        goto finish;
    }
    int extended = 0, line = low, handlers = 0;
    Operands operands = {.depth = 0};
    for (int i = 0; i < units; i++) {
        int op = p[2 * i], arg = p[2 * i + 1] | extended;
        if (op == EXTENDED_ARG) {
            extended = arg << 8;
            continue;
        }
        extended = 0;
        if (lines[i] >= 0) {
            line = lines[i]; /* what has no line of its own belongs to the one before */
        }
        Draft *draft = &drafts[line - low];
        if (draft->info == NULL) {
            draft->info = info->lines[line - low] = new_line(info->words);
            if (draft->info == NULL) {
                free(drafts);
                free(uses);
                goto finish;
            }
            draft->first_unit = i;
        }
        if (op == 0) {
            continue;
        }
        if (op == FOR_ITER && draft->info->next == NULL && (draft->info->next = new_line(info->words)) != NULL) {
            draft->info->next_unit = i;
        }
        int next = i + 1;
        while (next < units && p[2 * next] == 0) {
            next++; /* inline caches */
        }
        draft->next_op = next < units ? p[2 * next] : 0;
        draft->next_arg = next < units ? p[2 * next + 1] : 0;
        draft->called = loads_callee(draft, op, arg);
        handlers += op == PUSH_EXC_INFO;
        separate_handlers(draft, handlers);
        begin_line_of_operands(&operands, line, draft->info, &uses[line - low]);
        if (joins[i] != NULL) {
            come_together(&operands, joins[i]);
        }
        else if (operands.unreachable) { /* but by exceptions */
            forget_operands(&operands);
        }
        operands.unreachable = false;
        int join = forward_target(next, op, arg);
        bool jumps = join >= 0 && join < units;
        if (jumps && jumps_before(op)) {
            jump_to(&operands, &joins[join]);
        }
        follow_instruction(&operands, code, info->words, op, arg);
        memset(gives + i, gives_a_part(op), (size_t)(next - i)); /* 3.12 stands at its last cache while it runs */
        if (jumps && !jumps_before(op)) {
            Operands none = operands;
            if (op == FOR_ITER || op == SEND) { /* how much of it is left depends on the version */
                none.depth = 0;
            }
            jump_to(&none, &joins[join]);
        }
        int target = backward_target(i, op, arg);
        if (target >= 0 && target < units && lines[target] == line) {
            draft->jumps_back = true;
        }
        draft->lasts |= !is_brief_instruction(code, op, arg);
        int calls = draft->calls;
        note_instruction(draft, code, op, arg);
        draft->first_call = draft->first_call == 0 && draft->calls > calls ? i : draft->first_call;
        if (draft->info->next != NULL) {
            Draft round = {.info = draft->info->next};
            note_instruction(&round, code, op, arg);
            draft->round_calls += round.calls;
        }
    }
    for (int i = 0; i < info->line_count; i++) {
        LineInfo *found = drafts[i].info;
        if (found != NULL && drafts[i].calls > drafts[i].tame) {
            found->wild_calls = (uint16_t)(drafts[i].calls - drafts[i].tame);
        }
        if (found != NULL && found->next != NULL) {
            found->next->wild_calls = (uint16_t)drafts[i].round_calls;
            if (drafts[i].round_calls > 0) {
                found->next->flags |= LINE_LOOPS;
            }
        }
        if (found != NULL && drafts[i].jumps_back && drafts[i].calls > 0) {
            found->flags |= LINE_LOOPS;
        }
        if (found != NULL && !drafts[i].lasts && !drafts[i].jumps_back && info->words == 1) {
            found->flags |= LINE_BRIEF;
        }
        if (found != NULL) {
            bool loops = drafts[i].jumps_back;
            settle_uses(found, &uses[i], loops, info->cells_from);
            settle_given(found, &uses[i]);
            if (found->given.elsewhere && !loops && !jumps_into(p, units, drafts[i].first_unit, drafts[i].first_call)) {
                found->first_unit = drafts[i].first_unit;
                found->first_call = drafts[i].first_call;
            }
            if (changes_ends_twice(&drafts[i]) || (loops && found->flags & (LINE_RIGHT | LINE_LEFT))) {
                found->flags |= LINE_MIDDLE;
            }
            drop_uncertain_plans(found, code, loops, uses[i].behind);
            if (found->next != NULL) {
                found->next->flags |= found->flags & (LINE_MIDDLE | LINE_KEYS | LINE_EACH | LINE_MUTATES | LINE_STRAYS | LINE_RESULTS | LINE_UNLINKS | LINE_BEHIND);
                drop_uncertain_plans(found->next, code, loops, uses[i].behind);
            }
        }
    }
    for (int i = 0; i < info->line_count; i++) {
        for (LineInfo *found = info->lines[i]; found != NULL; found = found->next) {
            if (!(found->flags & (LINE_CHANGES | LINE_ALL_NAMES)) && found->wild_calls == 0 &&
                found->stored_name_count == 0 && found->stored_global_count == 0) {
                found->flags |= found->flags & LINE_OPERATES ? LINE_COMPUTES : LINE_QUIET;
            }
        }
    }
    free(drafts);
    free(uses);
    done = true;
    info->unit_lines = lines;
    info->unit_count = units;
    info->unit_gives = gives;
    lines = NULL;
    gives = NULL;
finish:
    free(lines);
    free(gives);
    free_joins(joins, units);
    Py_DECREF(bytes);
    return done;
}
