/* proc.c: /proc/PID/stat and /proc/PID/status, the two files the figures in the README come from. */
#include "tests/load/base/proc.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long status_field(const char *status, const char *name)
{
    const char *at = strstr(status, name);
    return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

bool proc_read(pid_t pid, struct proc_use *use)
{
    g_autofree char *stat_path = g_strdup_printf("/proc/%d/stat", (int)pid);
    g_autofree char *status_path = g_strdup_printf("/proc/%d/status", (int)pid);
    g_autofree char *stat = NULL, *status = NULL;
    if (!g_file_get_contents(stat_path, &stat, NULL, NULL) ||
        !g_file_get_contents(status_path, &status, NULL, NULL))
        return false;
    const char *fields = strrchr(stat, ')'); /* the name before may hold spaces */
    unsigned long user = 0, system = 0;
    if (!fields ||
        sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return false;
    const double hertz = (double)sysconf(_SC_CLK_TCK);
    use->user_s = (double)user / hertz;
    use->cpu_s = (double)(user + system) / hertz;
    use->rss_kb = status_field(status, "\nVmRSS:");
    use->threads = status_field(status, "\nThreads:");
    return true;
}
