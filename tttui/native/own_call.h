/* System calls that go past libc, where functions are replaced in memory. */
#ifndef TTTUI_OWN_CALL_H
#define TTTUI_OWN_CALL_H

#include <sys/syscall.h>

#if defined(__x86_64__)
#define SYSTEM_CALL(name)                                                                                                                  \
    __asm__(".text\n"                                                                                                                      \
            ".p2align 4\n"                                                                                                                 \
            ".type " name ", @function\n" name ":\n"                                                                                       \
            "    mov %rdi, %rax\n"                                                                                                         \
            "    mov %rsi, %rdi\n"                                                                                                         \
            "    mov %rdx, %rsi\n"                                                                                                         \
            "    mov %rcx, %rdx\n"                                                                                                         \
            "    mov %r8, %r10\n"                                                                                                          \
            "    mov %r9, %r8\n"                                                                                                           \
            "    mov 8(%rsp), %r9\n"                                                                                                       \
            "    syscall\n" name "_return:\n"                                                                                              \
            "    ret\n"                                                                                                                    \
            ".size " name ", .-" name "\n")
#elif defined(__aarch64__)
#define SYSTEM_CALL(name)                                                                                                                  \
    __asm__(".text\n"                                                                                                                      \
            ".p2align 4\n"                                                                                                                 \
            ".type " name ", %function\n" name ":\n"                                                                                       \
            "    mov x8, x0\n"                                                                                                             \
            "    mov x0, x1\n"                                                                                                             \
            "    mov x1, x2\n"                                                                                                             \
            "    mov x2, x3\n"                                                                                                             \
            "    mov x3, x4\n"                                                                                                             \
            "    mov x4, x5\n"                                                                                                             \
            "    mov x5, x6\n"                                                                                                             \
            "    svc 0\n" name "_return:\n"                                                                                                \
            "    ret\n"                                                                                                                    \
            ".size " name ", .-" name "\n")
#endif

/* All are made at one place: where a copy's effects are held back, those made here
 * are let through. A negative result is an errno. */
extern long tttui_own_call(long number, ...) __attribute__((visibility("hidden")));
extern char tttui_own_call_return[] __attribute__((visibility("hidden")));
SYSTEM_CALL("tttui_own_call");

/* And those that functions in the place of libc's make for the program: a copy is given what was noted of these, and
 * of no other, as nobody else notes any. */
extern long tttui_noted_call(long number, ...) __attribute__((visibility("hidden")));
extern char tttui_noted_call_return[] __attribute__((visibility("hidden")));
SYSTEM_CALL("tttui_noted_call");

#define LONG(argument) ((long)(argument))
#define PICK(_1, _2, _3, _4, _5, _6, _7, name, ...) name
#define own_call(...) PICK(__VA_ARGS__, CALL_6, CALL_5, CALL_4, CALL_3, CALL_2, CALL_1, CALL_0)(__VA_ARGS__)
#define CALL_0(n) tttui_own_call(LONG(n), 0L, 0L, 0L, 0L, 0L, 0L)
#define CALL_1(n, a) tttui_own_call(LONG(n), LONG(a), 0L, 0L, 0L, 0L, 0L)
#define CALL_2(n, a, b) tttui_own_call(LONG(n), LONG(a), LONG(b), 0L, 0L, 0L, 0L)
#define CALL_3(n, a, b, c) tttui_own_call(LONG(n), LONG(a), LONG(b), LONG(c), 0L, 0L, 0L)
#define CALL_4(n, a, b, c, d) tttui_own_call(LONG(n), LONG(a), LONG(b), LONG(c), LONG(d), 0L, 0L)
#define CALL_5(n, a, b, c, d, e) tttui_own_call(LONG(n), LONG(a), LONG(b), LONG(c), LONG(d), LONG(e), 0L)
#define CALL_6(n, a, b, c, d, e, f) tttui_own_call(LONG(n), LONG(a), LONG(b), LONG(c), LONG(d), LONG(e), LONG(f))

#endif
