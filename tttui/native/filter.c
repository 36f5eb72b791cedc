/* What a copy does must not be felt outside of it. Once it runs, the kernel hands every system call that
 * may have an effect to a signal handler, which does what can be done within the copy, pretends what
 * only others would see, and refuses the rest with the reason. */
#include "recorder.h"
#include "checkpoint.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <ucontext.h>

static struct {
    bool held;               /* the filter is in place                                          */
    bool let_out;            /* the user has said so: letting_out.c                             */
    long universe;           /* process id of a universe without a filter                       */
    bool evaluating;         /* what is refused is an error there; else the copy can't go on    */
    char refused[2048];      /* what was, a line each                                           */
    uint8_t *output;         /* what was written to standard output and error                   */
    size_t output_length;
} effects;

#define MOST_OUTPUT (64 * 1024)
#define LARGEST_COPIED_FILE (64 << 20)

static void keep_output(const void *bytes, size_t count)
{
    if (effects.output == NULL) {
        effects.output = map_apart(MOST_OUTPUT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    }
    size_t room = effects.output != NULL ? MOST_OUTPUT - effects.output_length : 0;
    count = count < room ? count : room;
    if (count > 0) {
        memcpy(effects.output + effects.output_length, bytes, count);
        effects.output_length += count;
    }
}

/* ---- the filter ---- */

/* Without any effect outside, and without a result that depends on anything outside that changes. */
static const short harmless[] = {
    SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_rt_sigreturn, SYS_sigaltstack, SYS_futex,
    SYS_set_robust_list, SYS_set_tid_address, SYS_sched_yield, SYS_sched_getaffinity, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_getgroups, SYS_getrusage, SYS_times, SYS_getrlimit, SYS_prlimit64, SYS_uname, SYS_getcwd, SYS_chdir,
    SYS_fchdir, SYS_umask, SYS_close, SYS_lseek, SYS_statfs, SYS_fstatfs, SYS_readlinkat, SYS_pread64, SYS_preadv, SYS_mincore, SYS_membarrier, SYS_clock_gettime,
    SYS_clock_getres, SYS_gettimeofday, SYS_getcpu, SYS_restart_syscall, SYS_getpriority, SYS_getresuid, SYS_getresgid,
    SYS_rt_sigpending, SYS_capget, SYS_fgetxattr, SYS_flistxattr, SYS_getitimer, SYS_exit,
    SYS_mbind, SYS_get_mempolicy, SYS_set_mempolicy, SYS_mlock, SYS_munlock, SYS_sched_getscheduler, SYS_sched_getparam,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_close_range
    SYS_close_range,
#endif
#ifdef SYS_stat
    SYS_readlink, SYS_getdents, SYS_arch_prctl, SYS_time,
#endif
};

static bool hold_effects(void)
{
    enum { ALLOWED = sizeof harmless / sizeof *harmless };
    uint64_t own = (uint64_t)(uintptr_t)tttui_own_call_return;
    struct sock_filter filter[ALLOWED + 16];
    int count = 0;
#if defined(__x86_64__)
    uint32_t machine = AUDIT_ARCH_X86_64;
#else
    uint32_t machine = AUDIT_ARCH_AARCH64;
#endif
#define LOAD(field) (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define EQUAL(value, then, otherwise) (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
    filter[count++] = LOAD(arch);
    filter[count++] = EQUAL(machine, 1, 0);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    filter[count++] = LOAD(instruction_pointer);
    filter[count++] = EQUAL((uint32_t)own, 0, 3);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4);
    filter[count++] = EQUAL((uint32_t)(own >> 32), 0, 1);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[count++] = LOAD(nr);
    for (int i = 0; i < ALLOWED; i++) {
        filter[count++] = EQUAL((uint32_t)harmless[i], (uint8_t)(ALLOWED - i), 0);
    }
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {(unsigned short)count, filter};
    return own_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           own_call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

/* ---- refusing ---- */

static void note_refused(const char *what)
{
    size_t used = strlen(effects.refused), length = strlen(what);
    if (strstr(effects.refused, what) == NULL && used + length + 2 < sizeof effects.refused) {
        memcpy(effects.refused + used, what, length);
        memcpy(effects.refused + used + length, "\n", 2);
    }
}

/* What can't be held back: an error where something is evaluated; else the end of this copy. */
static long refuse(const char *what)
{
    note_refused(what);
    if (!effects.evaluating) {
        say(SAYS_HELD, what);
        leave_copy(1);
    }
    return -EPERM;
}

/* The same where nothing is held back: an error would be taken for one of the system's. */
static long refuse_for_good(const char *what)
{
    effects.evaluating = false;
    return refuse(what);
}

/* Whether a system call is one that would have been noted in the program. A library may make others, past the functions
 * that are replaced: what was noted is not for those. */
static bool is_noted(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP] == (uintptr_t)tttui_noted_call_return;
#else
    return (uintptr_t)context->uc_mcontext.pc == (uintptr_t)tttui_noted_call_return;
#endif
}

/* Input that can't be had here. */
static long refuse_input(bool noted, const char *what)
{
    static char text[256];
    if (noted || effects.evaluating || inputs.another) {
        return refuse(what);
    }
    snprintf(text, sizeof text, "%s, in a library that doesn't ask libc for it: that is not noted", what);
    return refuse(text);
}
