#include "keeper.h"
#include "limits-names.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Old machines have older calls of these names, for ids of 16 bits (setresuid(2)). */
#ifdef SYS_setresuid32
enum { SYS_SETGROUPS = SYS_setgroups32, SYS_SETRESGID = SYS_setresgid32, SYS_SETRESUID = SYS_setresuid32 };
#else
enum { SYS_SETGROUPS = SYS_setgroups, SYS_SETRESGID = SYS_setresgid, SYS_SETRESUID = SYS_setresuid };
#endif

/* The kernel lets nobody have more open files than this (proc_sys_fs(5)). */
static rlim_t most_open_files(void) {
	char text[32] = "";
	int fd = open("/proc/sys/fs/nr_open", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof text - 1) <= 0) text[0] = '\0';
	if (fd >= 0) close(fd);
	return text[0] == '\0' ? 1048576 : (rlim_t)strtoull(text, NULL, 10);
}

static void lower(struct rlimit *wanted, rlim_t most) {
	if (wanted->rlim_max > most) wanted->rlim_max = most;
	if (wanted->rlim_cur > most) wanted->rlim_cur = most;
}

/* With these a user could keep all others from running; a request is only somebody's word that they have them. */
static bool is_privilege(int number) {
	return number == RLIMIT_RTPRIO || number == RLIMIT_NICE;
}

/* setrlimit(2). Where this node may not give as much, it gives what it has. */
static void apply_limit(const struct request *request, int number) {
	struct rlimit own, wanted = request->limits[number];
	bool judged = request->uid != 0 && is_privilege(number);
	if (!judged && setrlimit(number, &wanted) == 0) return;
	if (getrlimit(number, &own) != 0) return;
	if (number == RLIMIT_NOFILE) lower(&wanted, most_open_files());
	if (judged) lower(&wanted, own.rlim_max);
	if (setrlimit(number, &wanted) == 0) return;
	lower(&wanted, own.rlim_max);
	setrlimit(number, &wanted);
}

/* As the user, so that the kernel judges: who asks may say anything, and a real-time loop would take a whole node. */
static void apply_scheduling(const struct request *request) {
	const struct sched_param parameters = {.sched_priority = request->priority};
	if (request->nice < 0) setpriority(PRIO_PROCESS, 0, request->nice);
	/* musl answers ENOSYS for these on purpose; the kernel has them. */
	if (request->policy > 0) syscall(SYS_sched_setscheduler, 0, request->policy, &parameters);
	if (request->ioprio > 0) syscall(SYS_ioprio_set, 1, 0, request->ioprio);
}

/* The keeper is shielded from the kernel's out-of-memory killer; its shield is not for others (proc_pid_oom_score_adj(5)). */
static void drop_shield(void) {
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd < 0) return;
	if (write(fd, "0", 1) < 0) errno = 0;
	close(fd);
}

/* Not by the library, whose calls make all threads of a process follow: we only borrow its memory (start.c). */
static int become_user(const struct request *request) {
	if (syscall(SYS_SETGROUPS, request->group_count, request->groups) != 0) return errno;
	if (syscall(SYS_SETRESGID, request->gid, request->gid, request->gid) != 0) return errno;
	return syscall(SYS_SETRESUID, request->uid, request->uid, request->uid) == 0 ? 0 : errno;
}

/* Identity last but for no_new_privs; limits before it, for a user may not raise them again. */
int apply_limits(const struct request *request) {
	drop_shield();
	/* From 0 on everybody may have it (setpriority(2)); the keeper itself may be at another level. */
	setpriority(PRIO_PROCESS, 0, request->nice < 0 ? 0 : request->nice);
	for (int number = 0; number < LIMIT_COUNT; number++)
		if (request->limit_given[number]) apply_limit(request, number);
	umask(request->umask);
	int problem = become_user(request);
	if (problem != 0) return problem;
	apply_scheduling(request);
	if (request->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
	return 0;
}
