/* godwit-keeper --listen PATH: one root process per node, started and watched by the agent. For each connection it
 * forks one child, which starts one process and stays with it until it, and all that it has started, is gone. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static struct inbox in;
static struct outbox out;
static unsigned char input_bytes[WINDOW_BYTES], typed_bytes[TERMINAL_WINDOW_BYTES + 4096];

static bool refuse(struct start_result *result, enum refusal refusal, const char *code, const char *format, const char *what) {
	*result = (struct start_result){.refusal = refusal, .pid = -1, .code = code};
	snprintf(result->message, sizeof result->message, format, what);
	return false;
}

static bool carries_all(const struct request *request) {
	for (size_t i = 0; i < request->file_count; i++)
		if (request->files[i].home_fd > 2 && request->files[i].fd < 0) return false;
	return true;
}

/* Everything that has to be as it is at home, seen with the user's own rights. */
static bool prepare(struct request *request, char cwd[PATH_MAX], char found[PATH_MAX], const char **program,
                    struct start_result *result) {
	if (!act_as(request)) return refuse(result, REFUSED_OTHER, "GW_EXEC_FAILED", "cannot act as the user: %s", strerror(errno));
	bool entered = enter_folder(request, cwd);
	open_files(request);
	*program = find_program(request, found);
	int problem = errno;
	bool same = *program == NULL || !request->strict || same_program(request, *program);
	if (!act_as(NULL)) return refuse(result, REFUSED_OTHER, "GW_EXEC_FAILED", "%s", "cannot become root again");
	if (!entered) return refuse(result, REFUSED_OTHER, "GW_NOT_SAME", "%s is another folder on this node", request->cwd == NULL ? "the folder" : request->cwd);
	if (*program == NULL)
		return problem == EACCES
			? refuse(result, REFUSED_NOT_EXECUTABLE, "GW_EXEC_FAILED", "%s: may not be executed", request->argv[0])
			: refuse(result, REFUSED_NOT_FOUND, "GW_EXEC_FAILED", "%s: not found on this node", request->argv[0]);
	if (!same) return refuse(result, REFUSED_OTHER, "GW_NOT_SAME", "%s is another program on this node", *program);
	if (request->strict && !carries_all(request))
		return refuse(result, REFUSED_OTHER, "GW_NOT_SAME", "%s", "an open file is not on this node");
	return true;
}

static bool launch_process(struct launch *launch, struct stdio *stdio, struct cgroup *cgroup, char cwd[PATH_MAX],
                           struct start_result *result) {
	char found[PATH_MAX];
	const char *program = NULL;
	/* The session is ours, see stdio.c. */
	setsid();
	if (!prepare(&launch->request, cwd, found, &program, result)) return false;
	if (!make_stdio(stdio, &launch->request))
		return refuse(result, REFUSED_OTHER, "GW_EXEC_FAILED", "cannot make pipes or a terminal: %s", strerror(errno));
	make_cgroup(cgroup, launch);
	start_process(&launch->request, stdio, cgroup, program, result);
	if (result->refusal != REFUSED_NOT) remove_cgroup(cgroup);
	return result->refusal == REFUSED_NOT;
}

static void open_streams(struct service *service) {
	const struct request *request = &service->launch->request;
	service->terminal_stream = request->kind[1] == STDIO_TTY ? 1 : request->kind[2] == STDIO_TTY ? 2 : 0;
	for (int which = 0; which < 3; which++)
		service->streams[which] = (struct stream){
			.fd = service->stdio->out[which],
			.type = which == 1 ? FRAME_STDOUT : which == 2 ? FRAME_STDERR : FRAME_TERMINAL,
			.credit = WINDOW_BYTES,
		};
	if (service->stdio->master >= 0) service->streams[service->terminal_stream].fd = service->stdio->master;
	else service->terminal_stream = -1;
}

/* Closing a unix socket with something unread in it is an error to the peer (ECONNRESET), as is one that is closed to
 * what he still writes (EPIPE), and then he might drop our last frame, too. So he closes first, however long that takes:
 * an agent under load has not read it yet, and one that died has closed. */
static void hang_up(int connection) {
	char bytes[4096];
	shutdown(connection, SHUT_WR);
	while (read(connection, bytes, sizeof bytes) > 0) continue;
}

static void keep_one(int connection) {
	static struct launch launch;
	static struct stdio stdio;
	static struct cgroup cgroup;
	static struct start_result result;
	char cwd[PATH_MAX];
	sigset_t every;
	memset(&every, 0xff, sizeof every);
	sigprocmask(SIG_SETMASK, &every, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (!receive_launch(connection, &launch)) return;
	int signals = signalfd(-1, &every, SFD_NONBLOCK | SFD_CLOEXEC);
	if (!launch_process(&launch, &stdio, &cgroup, cwd, &result)) {
		send_refused(connection, &result);
		return hang_up(connection);
	}
	close_child_ends(&stdio, &launch.request);
	if (chdir("/") != 0) return;
	struct service service = {
		.connection = connection, .signals = signals, .in = &in, .out = &out, .launch = &launch, .stdio = &stdio,
		.cgroup = &cgroup, .pid = result.pid,
		.input = {.data = input_bytes, .size = sizeof input_bytes},
		.typed = {.data = typed_bytes, .size = sizeof typed_bytes},
	};
	open_streams(&service);
	send_started(&service, cwd);
	serve_process(&service);
	remove_cgroup(&cgroup);
	hang_up(connection);
}

static int listen_at(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s", path) >= (int)sizeof address.sun_path) return -1;
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0) return -1;
	unlink(path);
	mode_t before = umask(0177);
	int bound = bind(listener, (struct sockaddr *)&address, sizeof address);
	umask(before);
	return bound == 0 && listen(listener, 1024) == 0 ? listener : -1;
}

/* Carried files may have any number; ours must lie above. The processes get the limits they had at home. */
static void raise_open_files(void) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
	if (argc != 3 || strcmp(argv[1], "--listen") != 0) {
		dprintf(2, "usage: godwit-keeper --listen SOCKET\n");
		return 2;
	}
	/* What the agent has open is not for the processes. */
	syscall(SYS_close_range, 3, ~0U, 0);
	raise_open_files();
	int listener = listen_at(argv[2]);
	if (listener < 0) {
		dprintf(2, "godwit-keeper: cannot listen at %s: %s\n", argv[2], strerror(errno));
		return 1;
	}
	/* No agent, no keeper: what it started ends by itself, when the agent's connections close. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* wait(2), NOTES: whose parent ignores SIGCHLD leaves no zombie. Each child of ours sees to its own. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (connection < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) usleep(10000);
			continue;
		}
		if (fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			close(listener);
			keep_one(connection);
			_exit(0);
		}
		close(connection);
	}
}
