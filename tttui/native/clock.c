/* The clock as an input: read by the page that the kernel maps, without a system call, noted, and given again in a copy. */
#include "recorder.h"
#include "checkpoint.h"

#include <sys/auxv.h>

static int clock_by_call(clockid_t clock, struct timespec *time) { return (int)own_call(SYS_clock_gettime, clock, time); }

/* Of the other two functions there: what it takes to replace them. */
static struct { const char *name; uint8_t *at; size_t size; } other_clocks[] = {{"__vdso_time", NULL, 0}, {"__vdso_gettimeofday", NULL, 0}};
static struct { const uint8_t *at; size_t size; } kernels_page;

static void find_clock(void)
{
    const ElfW(Ehdr) *image = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
    if (image == NULL) {
        return;
    }
    const ElfW(Phdr) *segment = (const ElfW(Phdr) *)((const char *)image + image->e_phoff);
    const ElfW(Dyn) *dynamic = NULL;
    uintptr_t base = (uintptr_t)image;
    for (int i = 0; i < image->e_phnum; i++) {
        if (segment[i].p_type == PT_LOAD) {
            base = (uintptr_t)image + segment[i].p_offset - segment[i].p_vaddr;
            kernels_page.at = (const uint8_t *)image;
            kernels_page.size = segment[i].p_memsz;
            break;
        }
    }
    for (int i = 0; i < image->e_phnum; i++) {
        if (segment[i].p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *)((const char *)image + segment[i].p_offset);
        }
    }
    const ElfW(Sym) *symbols = NULL;
    const char *names = NULL;
    const uint32_t *hash = NULL;
    for (; dynamic != NULL && dynamic->d_tag != DT_NULL; dynamic++) {
        uintptr_t at = base + dynamic->d_un.d_ptr;
        switch (dynamic->d_tag) {
        case DT_SYMTAB:
            symbols = (const ElfW(Sym) *)at;
            break;
        case DT_STRTAB:
            names = (const char *)at;
            break;
        case DT_HASH:
            hash = (const uint32_t *)at;
            break;
        }
    }
    /* Without DT_HASH the table of symbols ends where that of the names begins. */
    size_t count = symbols == NULL || names == NULL ? 0
                   : hash != NULL                   ? hash[1]
                   : names > (const char *)symbols  ? (size_t)(names - (const char *)symbols) / sizeof *symbols
                                                    : 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = names + symbols[i].st_name;
        if (strcmp(name, "__vdso_clock_gettime") == 0 || strcmp(name, "__kernel_clock_gettime") == 0) {
            clock_by_kernel = (ClockFunction)(base + symbols[i].st_value);
        }
        for (int other = 0; other < 2; other++) {
            if (strcmp(name, other_clocks[other].name) == 0) {
                other_clocks[other].at = (uint8_t *)(base + symbols[i].st_value);
                other_clocks[other].size = symbols[i].st_size;
            }
        }
    }
}

static int noted_clock_gettime(clockid_t clock, struct timespec *time)
{
    if (UNLIKELY(replaying()) && elsewhere.on) {
        int64_t ns = time_elsewhere(clock);
        time->tv_sec = (time_t)(ns / 1000000000LL);
        time->tv_nsec = (long)(ns % 1000000000LL);
        return 0;
    }
    if (UNLIKELY(replaying()) && !again.unnoted) {
        const uint8_t *data;
        size_t length;
        const InputHead *head = next_input(INPUT_CLOCK, clock, &data, &length);
        if (head != NULL && length == sizeof(uint64_t)) {
            uint64_t ns;
            memcpy(&ns, data, sizeof ns);
            time->tv_sec = (time_t)(ns / 1000000000ULL);
            time->tv_nsec = (long)(ns % 1000000000ULL);
            return 0;
        }
    }
    int result = clock_by_kernel(clock, time);
    if (UNLIKELY(result < 0)) {
        errno = -result;
        return -1;
    }
    /* What the recorder calls may ask, too: CPython 3.12 does for each lock. A copy has no need of that. */
    if (noting_inputs() && !R.inside) {
        uint64_t ns = (uint64_t)time->tv_sec * 1000000000ULL + (uint64_t)time->tv_nsec;
        put_input((uint32_t)(INPUT_MARK + INPUT_CLOCK) | (uint32_t)(uint16_t)clock << 16, NULL, &ns, sizeof ns);
    }
    return 0;
}

/* libc's time() and gettimeofday() are the kernel's functions themselves. */
static time_t noted_time(time_t *to)
{
    struct timespec now = {0, 0};
    noted_clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (to != NULL) {
        *to = now.tv_sec;
    }
    return now.tv_sec;
}

static int noted_gettimeofday(struct timeval *time, void *zone)
{
    struct timespec now = {0, 0};
    if (time != NULL) {
        noted_clock_gettime(CLOCK_REALTIME, &now);
        time->tv_sec = now.tv_sec;
        time->tv_usec = now.tv_nsec / 1000;
    }
    return zone != NULL ? (int)own_call(SYS_gettimeofday, NULL, zone) : 0;
}
