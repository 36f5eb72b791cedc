/* A copy that runs forward, compared with the recording: byte by byte with the stream that the program
 * itself wrote. Only times are taken over from there, so that everything after them stands at the
 * same position. */
#include "recorder.h"
#include "checkpoint.h"

static struct {
    const uint8_t *bytes;   /* the recorded stream                                              */
    uint64_t start;         /* position of its first byte                                       */
    uint64_t length;
    uint64_t target;        /* the event at which to stop                                       */
    uint64_t signal_due;    /* before this event the next signal comes                          */
    uint64_t event_start;   /* position at which the records of the next event begin            */
    bool differs;
    uint64_t different_at;  /* offset of the first different byte from event_start              */
    uint8_t *produced;      /* what came instead; in the copy's own part of the data area       */
    uint64_t produced_length;
} verified;

/* What was recorded at the place that is about to be written; NULL where nothing was. */
static const uint8_t *recorded_here(void)
{
    uint64_t offset = R.head - verified.start + (uint64_t)(R.cursor - R.origin);
    return offset < verified.length ? verified.bytes + offset : NULL;
}

static bool read_recorded(const uint8_t **at, uint64_t *value)
{
    const uint8_t *end = verified.bytes + verified.length;
    *value = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

/* The number that was recorded here. */
static uint64_t recorded_number(void)
{
    const uint8_t *at = recorded_here();
    uint64_t value;
    return at != NULL && read_recorded(&at, &value) ? value : 0;
}

static bool due_again(void);

/* Of a copy that runs forward and leaves copies of itself on its way (on_the_way.c). */
static struct {
    uint64_t look_at;       /* ticks at which to see whether one is due; UINT64_MAX: none ever is */
    uint64_t every_ns;      /* of processor time between two                                    */
    uint64_t room;          /* bytes of memory that all of them may take, and those that they do */
    uint64_t taken;
    uint64_t used;          /* processor time and page faults when the last one was left        */
    long faults;
    uint64_t fork_ns;       /* what that one took                                               */
    const uint8_t *inputs;  /* as they are mapped                                               */
    size_t inputs_length;
} way = {.look_at = UINT64_MAX};

static void put_recorded_time(uint64_t now_ticks)
{
    if (UNLIKELY(now_ticks >= way.look_at)) {
        R.attention = true;
    }
    const uint8_t *at = recorded_here();
    uint64_t value;
    if (at != NULL && *at++ == ST_TIME && read_recorded(&at, &value)) {
        put_byte(ST_TIME);
        put_unsigned(value);
        R.last_time += value;
    }
}

static void compare_with_recorded(void)
{
    uint64_t count = (uint64_t)(R.cursor - R.origin), offset = R.head - verified.start;
    uint64_t there = offset < verified.length ? verified.length - offset : 0;
    const uint8_t *recorded = verified.bytes + offset;
    uint64_t equal = count < there ? count : there;
    if (equal < count || memcmp(R.origin, recorded, count) != 0) {
        uint64_t at = 0;
        while (at < equal && R.origin[at] == recorded[at]) {
            at++;
        }
        verified.differs = true;
        verified.different_at = R.head + at - verified.event_start;
        verified.produced = R.origin;
        verified.produced_length = count;
        R.verifying = false;
        R.attention = true;
        return;
    }
    if (R.events > verified.target || UNLIKELY(R.events >= verified.signal_due) || UNLIKELY(due_again())) {
        R.attention = true;
    }
    verified.event_start = R.head + count;
}
