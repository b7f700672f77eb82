/* A child of the keeper: starts one process after the other, and stays with each until it, and all that it has
 * started, is gone. */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
	if (!act_as_root(request)) return refuse(result, REFUSED_OTHER, "GW_EXEC_FAILED", "%s", "cannot become root again");
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

/* Serves what runs; true when we may come back for another. A terminal stays the session's for ever. */
static bool serve(const struct pool *pool, struct service *service, const char *cwd) {
	service->listener = pool->listener;
	if (service->stdio->master >= 0) stay_away(service);
	send_started(service, cwd);
	service->started_bytes = service->out->end - service->out->start;
	serve_process(service);
	return service->listener >= 0 && service->drained && !service->lost;
}

/* True when nothing is left of the process, and of us all is as it was before. */
static bool keep_one(const struct pool *pool, int connection) {
	static struct launch launch;
	static struct stdio stdio;
	static struct cgroup cgroup;
	static struct start_result result;
	char cwd[PATH_MAX];
	in.start = in.end = out.start = out.end = 0;
	if (!receive_launch(connection, &in, &launch)) return false;
	if (!launch_process(&launch, &stdio, &cgroup, cwd, &result)) {
		send_refused(connection, &result);
		hang_up(connection);
		return false;
	}
	close_child_ends(&stdio, &launch.request);
	if (chdir("/") != 0) return false;
	struct service service = {
		.connection = connection, .signals = pool->signals, .in = &in, .out = &out, .launch = &launch, .stdio = &stdio,
		.cgroup = &cgroup, .pid = result.pid,
		.input = {.data = input_bytes, .size = sizeof input_bytes},
		.typed = {.data = typed_bytes, .size = sizeof typed_bytes},
	};
	open_streams(&service);
	bool again = serve(pool, &service, cwd);
	remove_cgroup(&cgroup);
	hang_up(connection);
	give_launch_back();
	return again;
}

_Noreturn void work(const struct pool *pool, int connection) {
	/* Processes ignore only what they did at home. */
	for (int number = 1; number <= 64; number++) signal(number, SIG_DFL);
	block_signals(true);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* The session is ours, see stdio.c. */
	setsid();
	while (connection >= 0 && keep_one(pool, connection)) connection = next_connection(pool);
	_exit(0);
}
