/* sandbox.h: what is left to a process that parses what strangers send, should a parser be taken over. To a
 * child: its open socket to the relay, memory, time, threads, and (studio) the files of its own directory. To
 * the relay: the sockets that are open. Nothing can be undone.
 *
 * Two walls. Files: Landlock, before the first thread (it binds the calling thread and those born later).
 * Calls: seccomp, a list of what is allowed, for all threads, once the pipeline plays and every library is
 * loaded. A refused call fails with EPERM instead of killing: libraries try odd things and live without them.
 */
#ifndef PIPELINE_SANDBOX_H
#define PIPELINE_SANDBOX_H

#include <stdbool.h>

/* From here on, files may be read (and libraries loaded) only in the system's library directories and below
 * the directories of `readable` (NULL-terminated, absent ones are skipped), and changed only directly or
 * deeper in `writable` (NULL: nowhere). TCP and signals to others are shut too where the kernel can. Returns
 * the Landlock version in use; 0: this kernel has none (seccomp still holds); -1: it has, and refused. */
int sandbox_files(const char *const *readable, const char *writable);
/* The same with nothing left: no file at all. */
int sandbox_no_files(void);

enum sandbox_calls {
    SANDBOX_MEDIA, /* no file can be opened any more */
    SANDBOX_FILES, /* files can, where sandbox_files allows it */
    SANDBOX_RELAY, /* nor any socket but by its listener, no thread is born, no memory becomes code */
};

/* No sockets, no programs, no processes, no tracing; of children, threads only. False: the filter could not
 * be loaded, which a child treats as fatal. */
bool sandbox_calls(enum sandbox_calls allow);

#endif
