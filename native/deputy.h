/* The deputy: what stays at home of a process that runs elsewhere. */
#ifndef GODWIT_DEPUTY_H
#define GODWIT_DEPUTY_H

#include "frames.h"

#include <limits.h>
#include <signal.h>
#include <sys/types.h>
#include <termios.h>

extern char **environ;

/* ---- options.c: who called, and what for ---- */
struct options {
	/* Called through a symlink named like the command; what fails before the start is then not seen by the user. */
	bool shim;
	/* The process is to be left to itself on its node: we end as soon as it runs. */
	bool detach;
	/* Socket of the door; NULL for the user's own. */
	const char *door;
	/* The command with its arguments, as the caller wrote it. */
	char **command;
	/* NAME=VALUE, for placement; not looked at here. */
	const char *pairs[64];
	size_t pair_count;
};
/* 0, or the exit status when the call makes no sense. */
int read_options(int argc, char **argv, struct options *options);
/* Makes `ps` and `pkill -f` see the command where they would see it at home. */
void look_like(char **argv, char **command);

/* ---- resolve.c: which program is meant ---- */
/* Finds `name` as execvp(3) would, without the shims: 0, ENOENT or EACCES. `path` is PATH_MAX long. */
int resolve_program(const char *name, char *path);
/* Becomes the program; returns only with errno. */
void become_program(const char *path, char **command, const sigset_t *mask);

/* ---- descriptors.c: what exec would have handed on ---- */
enum kind { KIND_CLOSED, KIND_TTY, KIND_PIPE, KIND_FILE, KIND_NULL };
struct descriptors {
	enum kind kind[3];
	/* A lower descriptor of the same pipe or open file, or -1. */
	int same_as[3];
};
void look_at_descriptors(struct descriptors *them);
/* Those of a process that is left to itself: no input, and outputs that its node keeps. */
void detach_descriptors(struct descriptors *them);
/* Name of a file that can be opened again by name, with fstat(2)'s answer; false when it cannot. */
struct stat;
bool file_path(int fd, char *path, struct stat *status);
/* Visits every inherited descriptor above 2; false as soon as `visit` says so. */
bool each_inherited(bool (*visit)(int fd, void *with), void *with);
/* The first inherited descriptor above 2 that cannot be carried, or -1. */
int uncarried_descriptor(void);

/* ---- arg-files.c: what a `java` command will read its options from ---- */
typedef void (*arg_file_visitor)(const char *path, const char *text, void *with);
/* Visits the files that `java @FILE`, anywhere in the command or in JDK_JAVA_OPTIONS, may be given its options by. */
void each_arg_file(char **command, arg_file_visitor visit, void *with);

/* ---- collect.c: the request ---- */
struct terminal;
/* A request frame, from mmap(2). */
struct request_text {
	char *bytes;
	size_t size;
};
/* All that exec would have handed on; false when that is more than a frame holds. */
bool collect_request(struct request_text *request, const struct options *options, const char *program,
                     const struct descriptors *them, const struct terminal *terminal, const sigset_t *mask);
/* Sends it, and forgets it; false when the door does not take it. */
bool send_request(int door, struct request_text *request);

/* ---- terminal.c: the user's terminal ---- */
struct terminal {
	/* /dev/tty, or -1 without a controlling terminal; the second is without blocking, for reading. */
	int fd, input;
	struct termios home;
	/* As the far terminal was told last that it is. */
	struct termios sent;
	bool raw;
	/* Octets that were typed, and echoed, before it was raw, and are not read yet. */
	size_t echoed;
	/* What the far terminal makes signals of; 0 where nothing. */
	bool signals;
	cc_t interrupt, quit, suspend;
};
void open_terminal(struct terminal *terminal);
bool in_foreground(const struct terminal *terminal);
void make_raw(struct terminal *terminal);
void restore_terminal(struct terminal *terminal);
bool window_size(const struct terminal *terminal, unsigned char payload[8]);
/* Opens what `fd` is once more, without blocking, so that the flag is not shared with others; or -1. */
int open_again(int fd, int flags);

/* ---- door.c: what becomes of the request ---- */
enum verdict { VERDICT_STARTED, VERDICT_HOME, VERDICT_FAILED };
int open_door(const struct options *options);
int64_t monotonic_ms(void);
/* Whether a door is served; one that has no room for us answers without having been asked. */
enum readiness { READY_NOT, READY_TO_BE_ASKED, READY_WITH_ANSWER };
/* Waits until the door says so. Nothing has been asked before. */
enum readiness await_ready(int door, int signals, const struct options *options, struct inbox *in);
/* Waits until the process runs, is to run here, or has failed (then `status` is what to exit with). */
enum verdict await_verdict(int door, int signals, const struct options *options, struct inbox *in,
                           struct frame *started, int *status);

/* ---- signals.c ---- */
void all_signals(sigset_t *set);
/* Stops this process as `number` would have, until SIGCONT. */
void stop_self(int number);
/* Dies of `number`, without a core file: that is where the process was. */
_Noreturn void die_of(int number);
/* Whether `number` would end a process that handles no signal but ignores what we do. */
bool would_end(int number);

/* ---- relay.c and its halves: both directions, until the end ---- */
struct output {
	struct ring ring;
	int fd;
	/* `again` is fd opened once more, or -1: then at most PIPE_BUF is written per poll(2). */
	int again;
	bool prepared, gone, told;
	/* Written, but the keeper does not know it yet. */
	uint32_t owed;
};
struct relay {
	int door, signals;
	struct terminal *terminal;
	const struct options *options;
	struct inbox *in;
	struct outbox *out;
	/* Of stdout at 1, stderr at 2, and what only the terminal gets at 0. */
	struct output outputs[3];
	/* Standard input when it is relayed and not at its end; else -1. */
	int stdin_fd;
	bool waiting_told, stdin_ended;
	uint64_t stdin_credit, terminal_credit;
	bool terminal_wanted;
	/* Signals to forward as soon as there is room: bit n-1, and those of the keyboard. */
	uint64_t pending, pending_group;
	bool resized, lost, failed, ended;
	/* When output that nobody takes stops mattering, if the process is lost; 0 while the door is there. */
	int64_t leave_by_ms;
	/* The group got the terminal's own SIGTSTP since the last stop. */
	bool stopped_by_terminal;
	int exit_status, end_signal;
	/* Why it ended, where the node could tell; for the user. */
	char why[256];
	/* A frame that must wait until what came before it is written. */
	struct frame held;
	bool holding;
};
void start_relay(struct relay *relay, const struct descriptors *them, const struct frame *started);
void run_relay(struct relay *relay);
/* output.c */
void open_outputs(struct relay *relay, const struct descriptors *them);
void take_output(struct relay *relay, int which, const struct frame *frame);
void write_output(struct relay *relay, int which);
/* Whether a little can be written to `fd` without waiting for its reader. */
bool takes_little(int fd);
void give_credit(struct relay *relay);
bool outputs_empty(const struct relay *relay);
/* input.c */
void read_stdin(struct relay *relay);
void read_terminal(struct relay *relay);
void read_signals(struct relay *relay);
void send_pending(struct relay *relay);
void take_terminal(struct relay *relay);
void want_terminal(struct relay *relay, const struct frame *mode);
void stop_here(struct relay *relay, int number);

/* ---- leave.c: the end ---- */
void note_end(struct relay *relay, const struct frame *ended);
_Noreturn void leave(struct relay *relay);
/* A line on stderr that begins with `godwit: `. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
