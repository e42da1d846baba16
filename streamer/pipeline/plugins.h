/* plugins.h: GStreamer starts with the few plugins a child needs instead of the 200 a machine may have.
 * A private directory of symlinks and a registry file of its own take the start from 300-540 ms (first use),
 * 12-47 ms (the system's registry) to about 5 ms, and a plugin that is not in the set cannot be reached by a
 * stranger's bytes. */
#ifndef PIPELINE_PLUGINS_H
#define PIPELINE_PLUGINS_H

#include <stdbool.h>

struct plugin_set {
    const char *name;           /* of the directory: "ingest" */
    const char *const *plugins; /* NULL-terminated: "app" stands for libgstapp.so */
};

/* Points the environment of this process to the set; call it before gst_init, in the only thread. The files
 * live in $CHO_NUONG_CACHE, else in the user's cache directory, else in a directory of this user alone where
 * passing files are ($TMPDIR), under a name made of the plugins' paths, sizes and times, so a package upgrade
 * makes a new one; what is missing is built here, in a process of its own (a second, once). When
 * GST_REGISTRY_1_0 is set already, the caller's choice stands. False when nothing could be written: then
 * GStreamer's own way is slower, and still right. `home` gets the directory the child must be able to read
 * (yours to free), or NULL. */
bool plugins_use(const struct plugin_set *set, char **home);

#endif
