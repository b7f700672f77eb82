/* godwit-deputy: called like a command through a shim, or as `godwit-deputy run -- COMMAND`. It asks where the
 * process is to run. Here: it becomes the program, and nothing is left of it. Elsewhere: it stays, and is to its
 * shell, its terminal and its pipes what the process would have been. */
#include "deputy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

static struct inbox in;
static struct outbox out;

static _Noreturn void run_here(const char *path, int missing, char **command, const sigset_t *mask) {
	if (missing == 0) {
		become_program(path, command, mask);
		missing = errno;
	}
	complain("%s: %s", command[0], missing == ENOENT ? "command not found" : strerror(missing));
	_exit(missing == ENOENT ? 127 : 126);
}

/* Whoever wants his process elsewhere and left alone has no use for one that holds up his shell. */
static int nowhere_to_detach(void) {
	complain("it would run here, and --detach is for processes on nodes; GODWIT=off, or no node is chosen");
	return 125;
}

static bool is_off(void) {
	const char *value = getenv("GODWIT");
	return value != NULL && (strcmp(value, "off") == 0 || strcmp(value, "0") == 0);
}

/* The deputy needs little, but not less than the process was allowed: a small stack or file size is not its own. */
static void lift_own_limits(void) {
	static const int names[] = {RLIMIT_FSIZE, RLIMIT_CPU};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct rlimit limit;
		if (getrlimit(names[i], &limit) != 0 || limit.rlim_cur == limit.rlim_max) continue;
		limit.rlim_cur = limit.rlim_max;
		setrlimit(names[i], &limit);
	}
}

int main(int argc, char **argv) {
	struct options options;
	struct terminal terminal;
	struct descriptors them;
	struct frame started;
	struct request_text request;
	sigset_t every, mask;
	char path[PATH_MAX], folder[PATH_MAX];
	int status = read_options(argc, argv, &options);
	if (status != 0) return status;
	/* From here on signals wait to be read, so that none is lost between two system calls. */
	all_signals(&every);
	sigprocmask(SIG_SETMASK, &every, &mask);
	int missing = resolve_program(options.command[0], path);
	if (is_off() && options.detach) return nowhere_to_detach();
	if (is_off() || (options.shim && missing != 0)) run_here(path, missing, options.command, &mask);
	look_at_descriptors(&them);
	/* Such a descriptor, or a folder that was removed, exists nowhere else. */
	if (options.shim && (uncarried_descriptor() >= 0 || getcwd(folder, sizeof folder) == NULL))
		run_here(path, missing, options.command, &mask);
	int signals = signalfd(-1, &every, SFD_NONBLOCK | SFD_CLOEXEC);
	int door = open_door(&options);
	if (options.detach) {
		detach_descriptors(&them);
		terminal = (struct terminal){.fd = -1, .input = -1};
	} else open_terminal(&terminal);
	/* Nothing is asked of a door that may not be served: what it read later, it would start beside what runs here. */
	enum readiness ready = READY_NOT;
	if (door >= 0 && collect_request(&request, &options, missing == 0 ? path : NULL, &them, &terminal, &mask))
		ready = await_ready(door, signals, &options, &in);
	if (ready == READY_TO_BE_ASKED && !send_request(door, &request)) ready = READY_NOT;
	if (ready == READY_NOT) {
		if (options.shim) run_here(path, missing, options.command, &mask);
		complain("no agent or server of godwit answers on this machine; is it running?");
		return 125;
	}
	enum verdict verdict = await_verdict(door, signals, &options, &in, &started, &status);
	if (verdict == VERDICT_HOME && options.detach) return nowhere_to_detach();
	if (verdict == VERDICT_HOME) run_here(path, missing, options.command, &mask);
	if (verdict == VERDICT_FAILED) _exit(status);
	look_like(argv, options.command);
	lift_own_limits();
	struct relay relay = {.door = door, .signals = signals, .terminal = &terminal, .options = &options, .in = &in, .out = &out};
	start_relay(&relay, &them, &started);
	run_relay(&relay);
	leave(&relay);
}
