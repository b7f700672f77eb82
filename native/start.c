#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLONE_INTO_CGROUP 0x200000000ULL /* clone(2), Linux 5.7; musl brings no kernel headers */

/* struct clone_args of clone3(2), as far as CLONE_INTO_CGROUP. */
struct clone_arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/* Born in its cgroup, so that not one page of it is counted elsewhere. Without one (or where clone3 is filtered) a
 * fork(2) does, and the child moves itself. */
static pid_t fork_into(const struct cgroup *cgroup, bool *moved) {
	struct clone_arguments arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup->fd};
	*moved = true;
	if (cgroup->fd >= 0) {
		pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
		if (pid >= 0) return pid;
	}
	*moved = false;
	return fork();
}

static void move_into(const struct cgroup *cgroup) {
	int fd = cgroup->fd < 0 ? -1 : openat(cgroup->fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (fd < 0) return;
	if (write(fd, "0", 1) < 0) errno = 0;
	close(fd);
}

static void place_descriptors(const struct request *request, const struct stdio *stdio) {
	for (int fd = 0; fd < 3; fd++) {
		if (stdio->child[fd] >= 0) dup2(stdio->child[fd], fd);
		else close(fd);
	}
	for (size_t i = 0; i < request->file_count; i++) {
		const struct carried_file *file = &request->files[i];
		if (file->home_fd > 2 && file->fd >= 0) dup2(file->fd, file->home_fd);
	}
}

static void reset_signals(const struct request *request) {
	sigset_t mask;
	memset(&mask, 0, sizeof mask);
	for (int number = 1; number <= 64; number++) {
		uint64_t bit = UINT64_C(1) << (number - 1);
		struct sigaction action = {.sa_handler = (request->ignored & bit) != 0 ? SIG_IGN : SIG_DFL};
		sigaction(number, &action, NULL);
		if ((request->blocked & bit) != 0) sigaddset(&mask, number);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void exec_program(const struct request *request, const char *program) {
	execve(program, request->argv, request->environment);
	if (errno != ENOEXEC) return;
	/* A script without #!, as execvp(3) does it. */
	size_t count = 0;
	while (request->argv[count] != NULL) count++;
	char **with_shell = calloc(count + 2, sizeof *with_shell);
	if (with_shell == NULL) return;
	with_shell[0] = "sh";
	with_shell[1] = (char *)program;
	memcpy(with_shell + 2, request->argv + 1, count * sizeof *with_shell);
	execve("/bin/sh", with_shell, request->environment);
	errno = ENOEXEC;
}

static _Noreturn void be_the_process(const struct request *request, const struct stdio *stdio, const struct cgroup *cgroup,
                                     bool moved, const char *program, int report) {
	pid_t group = getpid();
	if (!moved) move_into(cgroup);
	setpgid(0, 0);
	/* tcsetpgrp(3) from the background asks for SIGTTOU to be blocked, and it is. */
	if (stdio->slave >= 0) ioctl(stdio->slave, TIOCSPGRP, &group);
	place_descriptors(request, stdio);
	int problem = apply_limits(request);
	if (problem == 0) {
		reset_signals(request);
		exec_program(request, program);
		problem = errno;
	}
	if (write(report, &problem, sizeof problem) < 0) _exit(126);
	_exit(127);
}

static void explain(struct start_result *result, const char *program, int problem) {
	result->refusal = problem == ENOENT ? REFUSED_NOT_FOUND
		: problem == EACCES || problem == ENOEXEC || problem == EISDIR || problem == EPERM ? REFUSED_NOT_EXECUTABLE
		: REFUSED_OTHER;
	result->code = "GW_EXEC_FAILED";
	snprintf(result->message, sizeof result->message, "%s: %s", program, strerror(problem));
}

/* The pipe closes with exec (open(2), O_CLOEXEC): nothing to read means that the program runs. */
void start_process(const struct request *request, const struct stdio *stdio, const struct cgroup *cgroup,
                   const char *program, struct start_result *result) {
	int report[2], problem = 0;
	bool moved;
	*result = (struct start_result){.pid = -1};
	if (pipe2(report, O_CLOEXEC) != 0) return explain(result, program, errno);
	int end = fcntl(report[1], F_DUPFD_CLOEXEC, request->spare_fd);
	close(report[1]);
	result->pid = fork_into(cgroup, &moved);
	if (result->pid == 0) be_the_process(request, stdio, cgroup, moved, program, end);
	if (result->pid < 0) problem = errno;
	close(end);
	ssize_t got;
	while (problem == 0 && (got = read(report[0], &problem, sizeof problem)) < 0 && errno == EINTR) continue;
	close(report[0]);
	if (problem == 0) return;
	if (result->pid > 0) waitpid(result->pid, NULL, 0);
	result->pid = -1;
	explain(result, program, problem);
}
