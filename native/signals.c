#include "deputy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Also those musl keeps for itself: this program has no threads, and the process at the far end may use them. */
void all_signals(sigset_t *set) {
	memset(set, 0xff, sizeof *set);
}

static void only(sigset_t *set, int number) {
	sigemptyset(set);
	sigaddset(set, number);
}

void stop_self(int number) {
	sigset_t one, continued;
	only(&one, number);
	only(&continued, SIGCONT);
	kill(getpid(), number);
	/* Delivered here, with its default action; this returns after SIGCONT. */
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	sigprocmask(SIG_BLOCK, &one, NULL);
	sigtimedwait(&continued, NULL, &(struct timespec){0});
}

_Noreturn void die_of(int number) {
	sigset_t one;
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	signal(number, SIG_DFL);
	only(&one, number);
	kill(getpid(), number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	_exit(128 + number);
}

/* signal(7), "Standard signals". */
bool would_end(int number) {
	struct sigaction action;
	/* Blocked signals come though they are ignored (nohup, or the background of a script): they end nobody. */
	if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) return false;
	switch (number) {
	case SIGCHLD: case SIGCONT: case SIGURG: case SIGWINCH:
	case SIGSTOP: case SIGTSTP: case SIGTTIN: case SIGTTOU:
		return false;
	default:
		return true;
	}
}
