/* walls.h: the relay shuts itself in before the first datagram is read: no file, no new socket, no program,
 * no process, no thread, no memory that becomes code. Whoever took it over by a datagram would hold its open
 * sockets and nothing else. What it still needs from outside (helpers, the link) its nursery gets.
 *
 * A refused call fails with EPERM and is written to the machine's audit log. It does not kill: there is
 * nothing behind the wall to be had by trying again, and a library's odd call on some other kernel must not
 * end every stream. Where the kernel has no Landlock or no seccomp (some containers), the relay says so,
 * counts `no_landlock` or `no_seccomp`, and runs on: the other wall and the helpers' own still stand. */
#ifndef RELAY_WALLS_H
#define RELAY_WALLS_H

#include "streamer/relay/counters.h"

void walls_files(struct counters *counters); /* before the first thread is born */
void walls_calls(struct counters *counters); /* after the last; holds for all of them */

#endif
