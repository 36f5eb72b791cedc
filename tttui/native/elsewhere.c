/* The time in another universe: what was noted, as long as the program asks at the same events as then, so that nothing is another
 * for the time alone. From then on it goes on from there: sleeping takes no time really, but does by these clocks. */
#include "recorder.h"

static struct {
    bool on;
    const uint8_t *at;       /* the next input that may be a time; NULL: it goes its own way by now  */
    int64_t behind;          /* ns by which its clocks are behind the real ones, then;               */
    int64_t worked_behind;   /* those of the processor's time                                        */
    int64_t slept;           /* ns since it was last told a time                                     */
    int64_t told[16];        /* what it was told last, by each clock; 0: nothing                     */
} elsewhere;

static bool is_of_work(int64_t clock) { return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID; }

static int64_t real_time(int64_t clock)
{
    struct timespec now = {0, 0};
    own_call(SYS_clock_gettime, clock, &now);
    return (int64_t)now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The last event was at `now` by the program's own clock. */
static void begin_elsewhere(uint64_t now)
{
    elsewhere.on = true;
    elsewhere.at = inputs.at;
    elsewhere.behind = real_time(CLOCK_MONOTONIC) - (int64_t)now;
    elsewhere.worked_behind = 0;
    elsewhere.slept = 0;
    memset(elsewhere.told, 0, sizeof elsewhere.told);
}

/* What comes next of the times that were noted, if it is this one. */
static bool next_noted_time(int64_t clock, int64_t *time)
{
    while (elsewhere.at != NULL && inputs.end - elsewhere.at >= (ptrdiff_t)sizeof(RingOutput)) {
        RingOutput record;
        memcpy(&record, elsewhere.at, sizeof record);
        const uint8_t *data = elsewhere.at + sizeof record;
        elsewhere.at = data + ((record.length + 7) & ~(size_t)7);
        if ((record.descriptor & 0xffff) != INPUT_MARK + INPUT_CLOCK || record.length != sizeof *time || elsewhere.at > inputs.end) {
            continue;
        }
        memcpy(time, data, sizeof *time);
        int64_t told = elsewhere.told[clock & 15];
        return record.event == R.events && (record.descriptor >> 16 & 0x7fff) == (uint32_t)(clock & 0x7fff) &&
               (told == 0 || is_of_work(clock) || *time >= told + elsewhere.slept);
    }
    return false;
}

static int64_t time_elsewhere(int64_t clock)
{
    int64_t time;
    if (elsewhere.at != NULL && next_noted_time(clock, &time)) {
        int64_t *behind = is_of_work(clock) ? &elsewhere.worked_behind : &elsewhere.behind;
        *behind = real_time(clock) - time;
        if (!is_of_work(clock)) {
            elsewhere.slept = 0;
        }
    }
    else {
        elsewhere.at = NULL;
        elsewhere.behind -= elsewhere.slept;
        elsewhere.slept = 0;
        time = real_time(clock) - (is_of_work(clock) ? elsewhere.worked_behind : elsewhere.behind);
    }
    elsewhere.told[clock & 15] = time;
    return time;
}

/* It sleeps: for so long, or until then. */
static void sleep_elsewhere(int64_t clock, bool until, const struct timespec *limit)
{
    int64_t time = (int64_t)limit->tv_sec * 1000000000LL + limit->tv_nsec, told = elsewhere.told[clock & 15];
    if (until) {
        time -= elsewhere.at != NULL && told != 0 ? told + elsewhere.slept : real_time(clock) - elsewhere.behind + elsewhere.slept;
    }
    elsewhere.slept += time > 0 ? time : 0;
}
