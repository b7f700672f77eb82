/* godwit-keeper --listen PATH: one root process per node, started and watched by the agent. For each connection one
 * of its children starts one process, and stays with it until it, and all that it has started, is gone. */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

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
	struct pool pool;
	if (argc != 3 || strcmp(argv[1], "--listen") != 0) {
		dprintf(2, "usage: godwit-keeper --listen SOCKET\n");
		return 2;
	}
	/* What the agent has open is not for the processes. */
	syscall(SYS_close_range, 3, ~0U, 0);
	raise_open_files();
	int listener = listen_at(argv[2]);
	if (listener < 0 || !open_pool(&pool, listener)) {
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
		if (fork() == 0) work(&pool, connection);
		close(connection);
	}
}
