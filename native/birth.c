/* How a process is born: in its cgroup, so that not one page of it is counted elsewhere, and without a copy of our
 * memory, which would take longer than all that is done in it before exec. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLONE_INTO_CGROUP 0x200000000ULL /* clone(2), Linux 5.7; musl brings no kernel headers */

/* struct clone_args of clone3(2), as far as CLONE_INTO_CGROUP. */
struct clone_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/* For the child, while it has our memory. */
static _Alignas(16) unsigned char stack[16 << 10];

/* vfork(2), but the child is on a stack of its own: whoever returns on a shared one takes the other's way back. */
static pid_t clone_into(uint64_t cgroup, int (*run)(void *), void *with) {
	struct clone_arguments arguments = {.flags = CLONE_INTO_CGROUP | CLONE_VFORK, .exit_signal = SIGCHLD, .cgroup = cgroup};
#ifdef __x86_64__
	arguments.flags |= CLONE_VM;
	arguments.stack = (uintptr_t)stack;
	arguments.stack_size = sizeof stack;
	register long result __asm__("rax") = SYS_clone3;
	register int (*child_runs)(void *) __asm__("r8") = run;
	register void *child_with __asm__("r9") = with;
	__asm__ volatile("syscall\n\t"
	                 "test %%rax, %%rax\n\t"
	                 "jnz 1f\n\t"
	                 "xor %%ebp, %%ebp\n\t"
	                 "mov %%r9, %%rdi\n\t"
	                 "call *%%r8\n\t"
	                 "hlt\n"
	                 "1:"
	                 : "+r"(result)
	                 : "D"(&arguments), "S"(sizeof arguments), "r"(child_runs), "r"(child_with)
	                 : "rcx", "r11", "cc", "memory");
	return result < 0 ? -1 : (pid_t)result;
#else
	pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
	if (pid == 0) _exit(run(with));
	return pid;
#endif
}

struct removal {
	int cgroup, (*run)(void *);
	void *with;
};

static int move_and_run(void *with) {
	const struct removal *removal = with;
	int fd = removal->cgroup < 0 ? -1 : openat(removal->cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "0", 1) < 0) errno = 0;
	if (fd >= 0) close(fd);
	return removal->run(removal->with);
}

pid_t bear(const struct cgroup *cgroup, int (*run)(void *), void *with) {
	pid_t pid = cgroup->fd < 0 ? -1 : clone_into((uint64_t)cgroup->fd, run, with);
	if (pid >= 0) return pid;
	/* Without cgroups, or where clone3 is filtered. */
	struct removal removal = {cgroup->fd, run, with};
	return clone(move_and_run, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &removal);
}
