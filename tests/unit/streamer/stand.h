/* stand.h: a stand-in for the relay's end of the pipe: starts a real child on a real seqpacket socket. For
 * tests. */
#ifndef TESTS_STAND_H
#define TESTS_STAND_H

#include "streamer/pipe.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { STAND_PATIENCE_MS = 30000 }; /* how long a test waits for what must happen */

struct stand {
    pid_t pid;
    int fd;
    unsigned refused; /* packets that found no room in the socket */
};

struct stand_message {
    struct pipe_head head;
    uint8_t bytes[PIPE_TEXT_MAX + 1]; /* ends in a zero, for JSON */
};

void stand_start(struct stand *s, const char *program,
                 const char *setup_json); /* setup_json NULL: send none */
bool stand_send(struct stand *s, enum pipe_type type, enum pipe_kind kind, const void *bytes, size_t length);
/* The same for what came at another moment of CLOCK_MONOTONIC. */
bool stand_send_at(struct stand *s, enum pipe_type type, enum pipe_kind kind, const void *bytes,
                   size_t length, int64_t at_us);

/* Waits up to `wait_ms` for one message; false when none came or the child is gone. */
bool stand_read(struct stand *s, struct stand_message *m, int wait_ms);

/* Reads on until a message of this type comes; fails the test when it does not. */
void stand_expect(struct stand *s, enum pipe_type type, struct stand_message *m);

int stand_wait(struct stand *s);  /* exit code, or 128 + signal; fails the test after STAND_PATIENCE_MS */
void stand_kill(struct stand *s); /* SIGKILL and reap; fine when it is gone already */

#endif
