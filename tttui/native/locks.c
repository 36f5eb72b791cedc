/* Locks of the interpreter, which are libc's semaphores: a signal right before a wait for one interrupts it (waits.c), and a
 * copy is told what ended it. Where the interpreter keeps the addresses of libc's functions ours are put, so that libc's
 * stay as they are. */
#include "recorder.h"
#include "checkpoint.h"

#include <semaphore.h>

static struct {
    int (*wait)(sem_t *);
    int (*timed)(sem_t *, const struct timespec *);
    int (*clock)(sem_t *, clockid_t, const struct timespec *);
} semaphores;

enum SemaphoreWait { FOR_EVER, TIMED, BY_CLOCK };

/* A copy has one thread: nobody but a signal ends its wait for a lock before the time for it is over. */
static int wait_for_lock(enum SemaphoreWait way, sem_t *lock, clockid_t clock, const struct timespec *limit)
{
    bool main = in_main_thread();
    int64_t result, call = 0;
    if (main) {
        if (sem_trywait(lock) == 0) {
            return 0;
        }
        call = this_call(SYS_futex);
        if (given_again(call, &result, NULL, 0)) {
            return (int)given(result);
        }
        if (replaying() && !inputs.another && way != FOR_EVER) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    int done = -1;
    if (main && signal_overlooked()) {
        errno = EINTR;
    }
    else {
        done = way == FOR_EVER ? semaphores.wait(lock)
               : way == TIMED  ? semaphores.timed(lock, limit)
                               : semaphores.clock(lock, clock, limit);
    }
    if (main && done < 0 && errno == EINTR) {
        note_call(call, -EINTR, NULL, 0);
        errno = EINTR;
    }
    return done;
}

static int noted_sem_wait(sem_t *lock) { return wait_for_lock(FOR_EVER, lock, 0, NULL); }
static int noted_sem_timedwait(sem_t *lock, const struct timespec *limit) { return wait_for_lock(TIMED, lock, 0, limit); }
static int noted_sem_clockwait(sem_t *lock, clockid_t clock, const struct timespec *limit)
{
    return wait_for_lock(BY_CLOCK, lock, clock, limit);
}

/* An object in memory, and what the linker made of it. */
typedef struct {
    uintptr_t base;
    const ElfW(Sym) *symbols;
    const char *names;
    uintptr_t sealed, sealed_until; /* what can't be written to */
} Linked;

static void replace_in_table(const Linked *object, const ElfW(Rela) *entries, size_t size)
{
    static const struct {
        const char *name;
        void *function;
    } replaced[] = {
        {"sem_wait", (void *)noted_sem_wait},
        {"sem_timedwait", (void *)noted_sem_timedwait},
        {"sem_clockwait", (void *)noted_sem_clockwait},
    };
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (size_t i = 0; entries != NULL && i < size / sizeof *entries; i++) {
#if defined(__aarch64__)
        bool of_function = ELF64_R_TYPE(entries[i].r_info) == R_AARCH64_JUMP_SLOT || ELF64_R_TYPE(entries[i].r_info) == R_AARCH64_GLOB_DAT;
#else
        bool of_function = ELF64_R_TYPE(entries[i].r_info) == R_X86_64_JUMP_SLOT || ELF64_R_TYPE(entries[i].r_info) == R_X86_64_GLOB_DAT;
#endif
        const char *name = object->names + object->symbols[ELF64_R_SYM(entries[i].r_info)].st_name;
        for (size_t which = 0; of_function && which < sizeof replaced / sizeof *replaced; which++) {
            if (strcmp(name, replaced[which].name) == 0) {
                uintptr_t at = object->base + entries[i].r_offset, from = at & ~(page - 1);
                bool sealed = at >= object->sealed && at < object->sealed_until;
                if (!sealed || mprotect((void *)from, page, PROT_READ | PROT_WRITE) == 0) {
                    __atomic_store_n((void **)at, replaced[which].function, __ATOMIC_RELEASE);
                    if (sealed) {
                        mprotect((void *)from, page, PROT_READ);
                    }
                }
            }
        }
    }
}

static int watch_locks_of(struct dl_phdr_info *info, size_t size, void *nothing)
{
    (void)size;
    (void)nothing;
    Linked object = {.base = info->dlpi_addr};
    uintptr_t known = (uintptr_t)PyLong_FromLong;
    const ElfW(Dyn) *dynamic = NULL;
    bool interpreter = false;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t from = object.base + segment->p_vaddr;
        interpreter |= segment->p_type == PT_LOAD && known >= from && known < from + segment->p_memsz;
        if (segment->p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *)from;
        }
        else if (segment->p_type == PT_GNU_RELRO) {
            object.sealed = from;
            object.sealed_until = from + segment->p_memsz;
        }
    }
    if (dynamic == NULL || (!interpreter && strstr(info->dlpi_name, "/_multiprocessing.") == NULL)) {
        return 0;
    }
    const ElfW(Rela) *tables[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0};
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        uintptr_t at = dynamic->d_un.d_ptr < object.base ? object.base + dynamic->d_un.d_ptr : dynamic->d_un.d_ptr;
        switch (dynamic->d_tag) {
        case DT_SYMTAB:
            object.symbols = (const ElfW(Sym) *)at;
            break;
        case DT_STRTAB:
            object.names = (const char *)at;
            break;
        case DT_JMPREL:
            tables[0] = (const ElfW(Rela) *)at;
            break;
        case DT_PLTRELSZ:
            sizes[0] = dynamic->d_un.d_val;
            break;
        case DT_RELA:
            tables[1] = (const ElfW(Rela) *)at;
            break;
        case DT_RELASZ:
            sizes[1] = dynamic->d_un.d_val;
            break;
        }
    }
    for (int i = 0; i < 2 && object.symbols != NULL && object.names != NULL; i++) {
        replace_in_table(&object, tables[i], sizes[i]);
    }
    return 0;
}

static void watch_locks(void)
{
    semaphores.wait = (int (*)(sem_t *))dlsym(RTLD_DEFAULT, "sem_wait");
    semaphores.timed = (int (*)(sem_t *, const struct timespec *))dlsym(RTLD_DEFAULT, "sem_timedwait");
    semaphores.clock = (int (*)(sem_t *, clockid_t, const struct timespec *))dlsym(RTLD_DEFAULT, "sem_clockwait");
    if (semaphores.wait != NULL && semaphores.timed != NULL) {
        dl_iterate_phdr(watch_locks_of, NULL);
    }
}
