/* Measures a process from inside, the same way whatever runs in it: preloaded into every process
 * of a benchmark (LD_PRELOAD), it does nothing until the process ends by itself, and then writes
 * one file, $BENCHMARK_METER/<pid>, of "key value" lines (times in microseconds, sizes in KiB).
 * The file is there, empty, from the beginning: so it shows which processes have yet to end.
 *
 * Measuring from the parent instead would be wrong twice: ru_maxrss of a child includes what the
 * parent's memory was at fork, and the program is not always a child of the one that was started.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static pid_t measured;
static char path[2048];

__attribute__((constructor)) static void begin(void)
{
    const char *directory = getenv("BENCHMARK_METER");
    if (directory != NULL && strlen(directory) < sizeof path - 32) {
        measured = getpid();
        snprintf(path, sizeof path, "%s/%d", directory, (int)measured);
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file >= 0) {
            close(file);
        }
    }
}

static long microseconds(struct timeval time) { return time.tv_sec * 1000000L + time.tv_usec; }

static long peak_kib(void)
{
    char line[256];
    long peak = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmHWM: %ld", &peak) == 1) {
            break;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return peak;
}

/* Mappings that are shared and writable: the ring of a recorder (each of its mappings counts in
 * the resident size, as it does in VmHWM). */
static void shared_kib(long *resident, long *largest)
{
    char line[4096], permissions[8] = "";
    unsigned long start, stop;
    long size;
    FILE *maps = fopen("/proc/self/smaps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s", &start, &stop, permissions) == 3) {
            size = (long)((stop - start) / 1024);
            if (permissions[1] == 'w' && permissions[3] == 's' && size > *largest) {
                *largest = size;
            }
        }
        else if (permissions[1] == 'w' && permissions[3] == 's' && sscanf(line, "Rss: %ld", &size) == 1) {
            *resident += size;
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
}

__attribute__((destructor)) static void finish(void)
{
    struct rusage own;
    char command[4096];
    if (measured == 0 || getpid() != measured) { /* a fork that was not followed by exec */
        return;
    }
    getrusage(RUSAGE_SELF, &own);
    long resident = 0, largest = 0, peak = peak_kib();
    shared_kib(&resident, &largest);

    ssize_t length = 0;
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        length = read(file, command, sizeof command - 1);
        close(file);
    }
    for (ssize_t i = 0; i < length; i++) {
        if (command[i] == '\0' || command[i] == '\n') {
            command[i] = ' ';
        }
    }
    command[length > 0 ? length : 0] = '\0';

    FILE *report = fopen(path, "w");
    if (report != NULL) {
        fprintf(report, "pid %d\nparent %d\nuser %ld\nsystem %ld\npeak %ld\nshared %ld\nlargest_shared %ld\ncommand %s\n",
                (int)measured, (int)getppid(), microseconds(own.ru_utime), microseconds(own.ru_stime), peak, resident,
                largest, command);
        fclose(report);
    }
}
