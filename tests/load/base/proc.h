/* proc.h: what a process has used so far, read from /proc. */
#ifndef LOAD_PROC_H
#define LOAD_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_use {
    double cpu_s; /* user + system of all threads, children excluded; resolution is one clock tick (10 ms) */
    double user_s;
    long rss_kb;
    long threads;
};

/* False when the process is gone. */
bool proc_read(pid_t pid, struct proc_use *use);

#endif
