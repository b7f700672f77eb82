#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child needs; it has our memory, or a copy of it. */
struct birth {
	const struct request *request;
	const struct stdio *stdio;
	const char *program;
	/* Where it leaves why it has become no program: in memory that is shared in any case. */
	int *problem;
};

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

/* We ignore none ourselves. */
static void set_signals(const struct request *request) {
	for (int number = 1; number <= 64; number++)
		if ((request->ignored >> (number - 1) & 1) != 0) signal(number, SIG_IGN);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &request->blocked, NULL, sizeof request->blocked);
}

static void exec_program(const struct request *request, const char *program) {
	execve(program, request->argv, request->environment);
	if (errno != ENOEXEC) return;
	/* A script without #!, as execvp(3) does it. */
	request->argv[-1] = "sh";
	request->argv[0] = (char *)program;
	execve("/bin/sh", request->argv - 1, request->environment);
	errno = ENOEXEC;
}

/* Between vfork(2) and execve(2): nothing here may allocate memory or leave a lock, for both are ours. */
static int be_the_process(void *with) {
	const struct birth *birth = with;
	pid_t group = getpid();
	setpgid(0, 0);
	/* tcsetpgrp(3) from the background asks for SIGTTOU to be blocked, and it is. */
	if (birth->stdio->slave >= 0) ioctl(birth->stdio->slave, TIOCSPGRP, &group);
	place_descriptors(birth->request, birth->stdio);
	int problem = apply_limits(birth->request);
	if (problem == 0) {
		set_signals(birth->request);
		exec_program(birth->request, birth->program);
		problem = errno;
	}
	*birth->problem = problem;
	_exit(127);
}

static void explain(struct start_result *result, const char *program, int problem) {
	result->refusal = problem == ENOENT ? REFUSED_NOT_FOUND
		: problem == EACCES || problem == ENOEXEC || problem == EISDIR || problem == EPERM ? REFUSED_NOT_EXECUTABLE
		: REFUSED_OTHER;
	result->code = "GW_EXEC_FAILED";
	snprintf(result->message, sizeof result->message, "%s: %s", program, strerror(problem));
}

void start_process(const struct request *request, const struct stdio *stdio, const struct cgroup *cgroup,
                   const char *program, struct start_result *result) {
	static int *problem = MAP_FAILED;
	*result = (struct start_result){.pid = -1};
	if (problem == MAP_FAILED) problem = mmap(NULL, sizeof *problem, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (problem == MAP_FAILED) return explain(result, program, errno);
	struct birth birth = {request, stdio, program, problem};
	*problem = 0;
	result->pid = bear(cgroup, be_the_process, &birth);
	if (result->pid < 0) return explain(result, program, errno);
	if (*problem == 0) return;
	waitpid(result->pid, NULL, 0);
	result->pid = -1;
	explain(result, program, *problem);
}
