#include "keeper.h"
#include "limits-names.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel lets nobody have more open files than this (proc_sys_fs(5)). */
static rlim_t most_open_files(void) {
	char text[32] = "";
	int fd = open("/proc/sys/fs/nr_open", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof text - 1) <= 0) text[0] = '\0';
	if (fd >= 0) close(fd);
	return text[0] == '\0' ? 1048576 : (rlim_t)strtoull(text, NULL, 10);
}

/* setrlimit(2). Where this node may not give as much, it gives what it has. */
static void apply_limit(int number, struct rlimit wanted) {
	struct rlimit own;
	if (number == RLIMIT_NOFILE) {
		rlim_t most = most_open_files();
		if (wanted.rlim_max > most) wanted.rlim_max = most;
		if (wanted.rlim_cur > most) wanted.rlim_cur = most;
	}
	if (setrlimit(number, &wanted) == 0 || getrlimit(number, &own) != 0) return;
	if (wanted.rlim_max > own.rlim_max) wanted.rlim_max = own.rlim_max;
	if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
	setrlimit(number, &wanted);
}

static void apply_scheduling(const struct request *request) {
	const struct sched_param parameters = {.sched_priority = request->priority};
	setpriority(PRIO_PROCESS, 0, request->nice);
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

/* Identity last but for no_new_privs; limits before it, for a user may not raise them again. */
int apply_limits(const struct request *request) {
	drop_shield();
	apply_scheduling(request);
	for (int number = 0; number < LIMIT_COUNT; number++)
		if (request->limit_given[number]) apply_limit(number, request->limits[number]);
	umask(request->umask);
	if (setgroups(request->group_count, request->groups) != 0) return errno;
	if (setresgid(request->gid, request->gid, request->gid) != 0) return errno;
	if (setresuid(request->uid, request->uid, request->uid) != 0) return errno;
	if (request->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
	return 0;
}
