/* plugins.c: makes and finds the private plugin directory. Before gst_init; one thread. */
#include "streamer/pipeline/plugins.h"
#include "streamer/pipeline/say.h"

#include <errno.h>
#include <glib.h>
#include <gst/gst.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUILD_S = 30 };

/* A name that changes when any plugin file of the set does. */
static char *plugins_key(const struct plugin_set *set)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    guint major, minor, micro, nano;
    gst_version(&major, &minor, &micro, &nano);
    g_autofree char *version = g_strdup_printf("%u.%u.%u.%u %s", major, minor, micro, nano, GST_PLUGINS_DIR);
    g_checksum_update(sum, (const guchar *)version, -1);
    for (const char *const *p = set->plugins; *p; p++) {
        g_autofree char *path = g_strdup_printf("%s/libgst%s.so", GST_PLUGINS_DIR, *p);
        struct stat st = {0};
        (void)stat(path, &st);
        g_autofree char *line =
            g_strdup_printf(" %s %lld %lld", *p, (long long)st.st_size, (long long)st.st_mtime);
        g_checksum_update(sum, (const guchar *)line, -1);
    }
    return g_strdup_printf("gst-%s-%.16s", set->name, g_checksum_get_string(sum));
}

static char *plugins_dir(const char *base)
{
    return g_build_filename(base, "plugins", NULL);
}

static bool plugins_link(const struct plugin_set *set, const char *base)
{
    g_autofree char *dir = plugins_dir(base);
    if (g_mkdir_with_parents(dir, 0700) != 0)
        return false;
    for (const char *const *p = set->plugins; *p; p++) {
        g_autofree char *from = g_strdup_printf("%s/libgst%s.so", GST_PLUGINS_DIR, *p);
        g_autofree char *to = g_strdup_printf("%s/libgst%s.so", dir, *p);
        if (access(from, R_OK) != 0)
            continue; /* moved to another plugin in another release; a missing element is reported when it is
                         made */
        if (symlink(from, to) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

/* Where everybody may write, a directory of that name must be ours alone. */
static char *plugins_passing(void)
{
    struct stat st;
    g_autofree char *name = g_strdup_printf("cho-nuong-%lu", (unsigned long)geteuid());
    g_autofree char *dir = g_build_filename(g_get_tmp_dir(), name, NULL);
    bool ours = (mkdir(dir, 0700) == 0 || errno == EEXIST) && lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
                st.st_uid == geteuid() && (st.st_mode & 0077) == 0;
    return ours ? g_steal_pointer(&dir) : NULL;
}

/* The set's directory, with its links in it. A service may have no home, or one it cannot write to. NULL:
 * said why. */
static char *plugins_place(const struct plugin_set *set)
{
    const char *given = g_getenv("CHO_NUONG_CACHE");
    g_autofree char *key = plugins_key(set);
    g_autofree char *cache =
        given ? g_strdup(given) : g_build_filename(g_get_user_cache_dir(), "cho-nuong", NULL);
    g_autofree char *base = g_build_filename(cache, key, NULL);
    if (plugins_link(set, base))
        return g_steal_pointer(&base);
    say(SAY_WARN, "plugins.no-cache", "s:s, s:s", "dir", base, "why", g_strerror(errno));
    g_autofree char *passing = plugins_passing();
    g_autofree char *second = passing ? g_build_filename(passing, key, NULL) : NULL;
    return second && plugins_link(set, second) ? g_steal_pointer(&second) : NULL;
}

/* GStreamer writes the registry under a passing name and renames it, so two children may build at the same
 * time. */
static bool plugins_build(const char *registry)
{
    pid_t pid = fork();
    if (pid == 0) {
        alarm(BUILD_S); /* a plugin that hangs while it is looked at must not hang us */
        gst_init(NULL, NULL);
        _exit(access(registry, R_OK) == 0 ? 0 : 1);
    }
    int status = 0;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool plugins_use(const struct plugin_set *set, char **home)
{
    *home = NULL;
    const char *given = g_getenv("GST_REGISTRY_1_0");
    if (given) {
        *home = g_path_get_dirname(given);
        return true;
    }
    g_autofree char *base = plugins_place(set);
    if (!base)
        return false;
    g_autofree char *dir = plugins_dir(base), *registry = g_build_filename(base, "registry.bin", NULL);
    g_setenv("GST_PLUGIN_SYSTEM_PATH_1_0", dir, TRUE);
    g_setenv("GST_PLUGIN_PATH_1_0", "", TRUE);
    g_setenv("GST_REGISTRY_1_0", registry, TRUE);
    g_setenv("GST_REGISTRY_FORK", "no", TRUE);
    if (access(registry, R_OK) != 0 && !plugins_build(registry)) {
        say(SAY_WARN, "plugins.not-built", "s:s", "registry", registry);
        return false;
    }
    g_setenv("GST_REGISTRY_UPDATE", "no", TRUE);
    *home = g_steal_pointer(&base);
    return true;
}
