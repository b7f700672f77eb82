/* The keeper: starts processes on a node as exec would have started them at home, and keeps watch over each. */
#ifndef GODWIT_KEEPER_H
#define GODWIT_KEEPER_H

#include "frames.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <termios.h>

enum { MAX_FILES = 64, MAX_HOME_FD = 4096, MAX_GROUPS = 1024 };
enum stdio_kind { STDIO_CLOSED, STDIO_TTY, STDIO_PIPE, STDIO_FILE, STDIO_NULL };

/* Memory that stays for the next who needs some. */
struct buffer {
	void *bytes;
	size_t size;
};
/* launch.c */
bool make_room(struct buffer *buffer, size_t size);

/* A file that was open at home and is opened here by its name. */
struct carried_file {
	int home_fd, flags;
	long long offset;
	unsigned long long inode;
	long long size, mtime_ns;
	const char *path;
	/* Opened here; -1 when it could not be, or is another file. */
	int fd;
};

/* The request, read: pointers lead into the payload. */
struct request {
	/* `argv[-1]` is there, too. */
	char **argv, **environment;
	const char *program, *program_identity, *cwd, *cwd_inode, *winsize, *termios;
	uid_t uid;
	gid_t gid;
	gid_t groups[MAX_GROUPS];
	size_t group_count;
	mode_t umask;
	int nice, ioprio, policy, priority;
	bool no_new_privileges, strict;
	struct rlimit limits[16];
	bool limit_given[16];
	enum stdio_kind kind[3];
	int same_as[3];
	struct carried_file files[MAX_FILES];
	size_t file_count;
	/* The first number above those of all carried files: ours lie from there on. */
	int spare_fd;
	uint64_t ignored, blocked;
};
/* pool.c */
struct pool {
	int listener, signals;
	pid_t keeper;
	/* How many children wait for a connection; shared by all. */
	atomic_int *idle;
};
bool open_pool(struct pool *pool, int listener);
/* All signals, or none. */
void block_signals(bool blocked);
/* Closes what the last process has left open, and waits for another; -1 when enough others do. */
int next_connection(const struct pool *pool);

/* worker.c */
_Noreturn void work(const struct pool *pool, int connection);

/* request.c; false when the payload makes no sense. The lists of strings are put into `lists`. */
bool read_request(const unsigned char *payload, size_t size, struct buffer *lists, struct request *request);

/* What the agent wants done about it. */
struct launch {
	const char *cgroup, *memory_max, *cpu_weight, *pids_max;
	/* Which of the request's groups count here, with commas; NULL for all. */
	const char *groups;
	struct request request;
};
/* launch.c: reads both frames from a blocking connection, others may be in the inbox then; false when they do not
 * come. What it needs for them it keeps until the next, or until that is given back. */
bool receive_launch(int connection, struct inbox *in, struct launch *launch);
void give_launch_back(void);

/* cgroup.c */
struct cgroup {
	/* Empty when there is none. */
	char path[PATH_MAX];
	int fd;
	/* It has been seen that the node lacks this controller. */
	bool no_memory, no_pids;
	/* What this node cannot do, for people; empty when nothing. */
	char lacking[256];
};
void make_cgroup(struct cgroup *cgroup, const struct launch *launch);
void kill_cgroup(const struct cgroup *cgroup);
void remove_cgroup(const struct cgroup *cgroup);
/* A number from one of its files, or -1. `key` names a line of a flat keyed file, or is NULL. */
long long cgroup_number(const struct cgroup *cgroup, const char *file, const char *key);

/* files.c: everything that needs the user's own rights */
/* Takes the user's rights for files (credentials(7)), or gives them back for root's. */
bool act_as(const struct request *request);
bool act_as_root(const struct request *request);
/* Goes to the folder asked for; false when it is not here. `actual` says where we are. */
bool enter_folder(const struct request *request, char actual[PATH_MAX]);
void open_files(struct request *request);
/* The program to exec, or NULL with errno. `found` is PATH_MAX long. */
const char *find_program(const struct request *request, char *found);
bool same_program(const struct request *request, const char *path);

/* stdio.c */
struct stdio {
	/* The keeper's ends; -1 where there is none. `slave` is held so that the terminal outlives its last user. */
	int in, out[3], master, slave;
	/* How the terminal was set before the process could change it. */
	struct termios first;
	/* What becomes 0, 1 and 2 of the process. */
	int child[3];
};
bool make_stdio(struct stdio *stdio, struct request *request);
void close_child_ends(struct stdio *stdio, struct request *request);

/* limits.c: called in the new process */
int apply_limits(const struct request *request);

/* birth.c */
/* Makes a child in the cgroup, which has our memory until it has become a program or ended; we wait so long. `run`
 * does not return. */
pid_t bear(const struct cgroup *cgroup, int (*run)(void *), void *with);

/* start.c */
enum refusal { REFUSED_NOT, REFUSED_OTHER, REFUSED_NOT_FOUND, REFUSED_NOT_EXECUTABLE };
struct start_result {
	enum refusal refusal;
	pid_t pid;
	const char *code;
	char message[PATH_MAX + 256];
};
void start_process(const struct request *request, const struct stdio *stdio, const struct cgroup *cgroup,
                   const char *program, struct start_result *result);

/* demand.c: whether anybody in the process waits for input */
/* `pipe_fd` is one end of the pipe in question, or -1 for the terminal `slave`. */
bool waits_for_input(pid_t pid, int pipe_fd, int slave);

/* serve.c and its halves */
struct stream {
	int fd;
	unsigned char type;
	/* Which of creditOut; octets that may still be sent. */
	int64_t credit;
};
struct service {
	int connection, signals;
	/* Held as long as we may come back for another process; -1 when we do not. */
	int listener;
	int64_t begun_ms;
	/* What `started` takes in the outbox. */
	size_t started_bytes;
	struct inbox *in;
	struct outbox *out;
	struct launch *launch;
	struct stdio *stdio;
	struct cgroup *cgroup;
	pid_t pid;
	/* stdout, stderr at 1 and 2; the terminal's own at 0 when neither is one. */
	struct stream streams[3];
	/* Which of them the terminal's output goes to. */
	int terminal_stream;
	struct ring input, typed;
	bool input_ends, input_granted, waiting, input_closed_told;
	uint32_t consumed, typed_consumed;
	/* The deputy's terminal is raw; the termios its process has found, and the last we have told of. */
	bool raw, last_was_return;
	struct termios first, told;
	int64_t next_look_ms, looks_since_ms;
	/* Stopped: what it sleeps in is then still the last system call, but it waits for nothing. */
	bool stopped, lost, exited, drained;
	int wait_status;
	/* Of all that were waited for. */
	struct rusage used;
};
void serve_process(struct service *service);
/* We end with this process, and hold the listener no longer: should the keeper end, nobody is to wait for us there. */
void stay_away(struct service *service);
/* streams.c */
void read_outputs(struct service *service);
void write_input(struct service *service);
void take_peer_frame(struct service *service, const struct frame *frame);
bool outputs_drained(const struct service *service);
void drop_outputs(struct service *service);
/* terminal-side.c */
void setup_terminal(struct service *service);
void check_terminal(struct service *service);
void look_for_demand(struct service *service);
int next_look_in_ms(const struct service *service);
/* Takes the return characters out that the deputy's terminal will put in again; answers the new size. */
size_t without_returns(struct service *service, unsigned char *bytes, size_t size);
/* Sets the terminal as it is at home now, unless the process has set it otherwise. */
void take_termios(struct service *service, const unsigned char *payload, size_t size);
/* Puts in what was typed, and echoed at home, before the deputy's terminal was raw: without a second echo. */
void type_ahead(struct service *service, const unsigned char *bytes, size_t size);
/* Sends a signal to what the terminal has in the foreground, or to the process group. */
void signal_group(const struct service *service, int number);
int64_t monotonic_ms(void);

/* ending.c */
/* Ends every descendant that is left; afterwards all of them are waited for. */
void end_descendants(const struct cgroup *cgroup, pid_t pid);
void send_refused(int connection, const struct start_result *result);
void send_started(struct service *service, const char *cwd);
/* False as long as there is no room. */
bool send_ended(struct service *service);

#endif
