/* unix.h: local stream sockets that only our own user may use. */
#ifndef EDGE_UNIX_H
#define EDGE_UNIX_H

/* Binds and listens, mode 0600, replacing a dead socket file. -1 and *why (static) on failure. Non-blocking,
 * close-on-exec. */
int unix_listen(const char *path, const char **why);
/* Accepts one connection of the same user; others are closed at once. -1: none. Non-blocking, close-on-exec.
 */
int unix_accept(int fd);
/* Connects, blocking. -1 on failure. */
int unix_connect(const char *path);

#endif
