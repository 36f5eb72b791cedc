/* In a copy that runs forward: what may make it differ. Lines "EVENT SORT WHAT", told beside a difference. */
#include "recorder.h"

enum { CHANGED = 'c', OPENED = 'o', GONE = 'g', UNNOTED_CALL = 'u', SIGNALLED = 's', ALONE = 't' };
#define SIGNAL_EVENTS 20 /* after a signal, in which a difference is likely because of it */

static struct {
    char text[2048];
    size_t used;
} suspects;

static void suspect_at(uint64_t events, char sort, const char *what)
{
    char line[640];
    int length = snprintf(line, sizeof line, "%llu %c %.500s\n", (unsigned long long)events, sort, what);
    const char *known = strchr(line, ' ');
    if (strchr(what, '\n') != NULL || strstr(suspects.text, known) != NULL) {
        return; /* the first time tells most */
    }
    if (length > 0 && suspects.used + (size_t)length < sizeof suspects.text) {
        memcpy(suspects.text + suspects.used, line, (size_t)length + 1);
        suspects.used += (size_t)length;
    }
}

static void suspect(char sort, const char *what) { suspect_at(R.events, sort, what); }

/* The last signal that came: most do no harm, so it is only told where something differs soon after it. */
static struct {
    uint64_t events;
    int number;
} last_signal;

static void suspect_signal(int number)
{
    last_signal.events = R.events;
    last_signal.number = number;
}

static void tell_signal(void)
{
    if (last_signal.number != 0 && R.events <= last_signal.events + SIGNAL_EVENTS) {
        char what[32];
        snprintf(what, sizeof what, "%d", last_signal.number);
        suspect_at(last_signal.events, SIGNALLED, what);
    }
}

/* A file that is read from now: has it changed since it was then? Times of files are coarse, so what may have been
 * written right before isn't suspected. */
static void suspect_if_changed(char sort, int fd)
{
    struct stat status;
    char path[500];
    if (!R.copy || own_call(SYS_fstat, fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
        return;
    }
    uint64_t then = R.ring->start_wall + (R.last_time - R.ring->start_clock);
    uint64_t changed = (uint64_t)status.st_mtim.tv_sec * 1000000000ULL + (uint64_t)status.st_mtim.tv_nsec;
    long length = changed > then ? own_call(SYS_readlinkat, AT_FDCWD, fd_path(fd), path, sizeof path - 1) : 0;
    if (length > 0) {
        path[length] = 0;
        if (strncmp(path, "/proc/", 6) != 0) { /* those are as old as they are looked at; what was read there is noted */
            suspect(sort, path);
        }
    }
}
