/*
 * Linked to the demo's program where the demo takes the core itself. On a crash it writes to its standard output what
 * the kernel writes of the crashed thread (struct elf_prstatus, siginfo_t), and stops so that its memory can be read.
 * When it goes on, the crash ends it, and no other core is made of it.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <ucontext.h>
#include <unistd.h>

static char stack[64 * 1024];

static void copy_registers(elf_gregset_t to, const mcontext_t *from) {
#if defined(__x86_64__)
    const greg_t *at = from->gregs;
    struct user_regs_struct *registers = (struct user_regs_struct *)to;
    *registers = (struct user_regs_struct){
        .r15 = at[REG_R15], .r14 = at[REG_R14], .r13 = at[REG_R13], .r12 = at[REG_R12], .rbp = at[REG_RBP],
        .rbx = at[REG_RBX], .r11 = at[REG_R11], .r10 = at[REG_R10], .r9 = at[REG_R9], .r8 = at[REG_R8],
        .rax = at[REG_RAX], .rcx = at[REG_RCX], .rdx = at[REG_RDX], .rsi = at[REG_RSI], .rdi = at[REG_RDI],
        .orig_rax = -1, .rip = at[REG_RIP], .cs = at[REG_CSGSFS] & 0xffff, .eflags = at[REG_EFL],
        .rsp = at[REG_RSP], .ss = at[REG_CSGSFS] >> 48 & 0xffff,
    };
    /* ARCH_GET_FS: where gdb finds what is thread-local. */
    syscall(SYS_arch_prctl, 0x1003, &registers->fs_base);
#elif defined(__aarch64__)
    /* x0 to x30, sp, pc and pstate stand in the same order in both. */
    memcpy(to, from->regs, sizeof(elf_gregset_t));
#else
#error "Only x86-64 and arm64 are known here."
#endif
}

static void hold(int number, siginfo_t *info, void *context) {
    struct elf_prstatus status;
    memset(&status, 0, sizeof status);
    status.pr_info.si_signo = status.pr_cursig = number;
    status.pr_pid = getpid();
    status.pr_ppid = getppid();
    status.pr_pgrp = getpgrp();
    status.pr_sid = getsid(0);
    copy_registers(status.pr_reg, &((ucontext_t *)context)->uc_mcontext);
    if (write(STDOUT_FILENO, &status, sizeof status) < 0 || write(STDOUT_FILENO, info, sizeof *info) < 0) return;
    raise(SIGSTOP);
    prctl(PR_SET_DUMPABLE, 0);
}

__attribute__((constructor)) static void hold_at_a_crash(void) {
    /* Of its own, so that nothing below the crashed one's is written over. */
    const stack_t aside = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = hold, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaltstack(&aside, NULL);
    sigaction(SIGSEGV, &action, NULL);
}
