/* child.c: the start and the end of a child process. */
#include "streamer/pipeline/child.h"
#include "streamer/pipeline/say.h"

#include <errno.h>
#include <glib.h>
#include <linux/close_range.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SETUP_WAIT_MS = 10000, PLAY_WAIT_S = 5 };

void child_leave(enum child_exit code)
{
    _exit((int)code);
}

static void child_options(int argc, char **argv, const struct plugin_set *set)
{
    if (argc == 1)
        return;
    if (argc == 2 && strcmp(argv[1], "--warm") == 0) {
        g_autofree char *home = NULL;
        _exit(plugins_use(set, &home) ? CHILD_DONE : CHILD_BROKEN);
    }
    say(SAY_ERROR, "child.misused", "s:s", "why", "no options but --warm; the relay starts this program");
    child_leave(CHILD_MISUSED);
}

static void child_await_setup(struct wire *w, struct setup *s)
{
    static uint8_t bytes[PIPE_TEXT_MAX];
    struct pipe_head head;
    const char *why = "no setup came";
    wire_patience(w, SETUP_WAIT_MS);
    enum wire_got got = wire_read(w, &head, bytes);
    if (got == WIRE_MESSAGE && head.type == PIPE_SETUP && setup_read(s, bytes, head.length, &why))
        return;
    if (got == WIRE_BAD || (got == WIRE_MESSAGE && head.type != PIPE_SETUP))
        why = "the first message is no setup";
    say(SAY_ERROR, "child.setup", "s:s", "why", why);
    child_leave(CHILD_MISUSED);
}

static void child_make_dir(const char *dir)
{
    if (g_mkdir_with_parents(dir, 0750) == 0)
        return;
    say(SAY_ERROR, "child.dir", "s:s, s:s", "dir", dir, "why", g_strerror(errno));
    child_leave(CHILD_BROKEN);
}

static void child_shut_files(const char *home, const char *dir)
{
    const char *const readable[] = {home, NULL};
    int abi = sandbox_files(readable, dir);
    if (abi < 0) {
        say(SAY_ERROR, "child.sandbox", "s:s", "why", "Landlock refused");
        child_leave(CHILD_BROKEN);
    }
    if (abi == 0)
        say(SAY_WARN, "child.no-landlock", NULL);
}

void child_begin(const char *program, int argc, char **argv, const struct plugin_set *set, bool makes_files,
                 struct wire *w, struct setup *s)
{
    g_autofree char *home = NULL;
    say_as(program, "");
    child_options(argc, argv, set);
    if (!wire_init(w, PIPE_FD)) {
        say(SAY_ERROR, "child.misused", "s:s", "why", "file descriptor 3 is no seqpacket socket");
        child_leave(CHILD_MISUSED);
    }
    (void)syscall(SYS_close_range, PIPE_FD + 1, ~0U, 0);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* a core would hold people's faces */
    bool private_set = plugins_use(set, &home);
    child_await_setup(w, s);
    say_as(program, s->room);
    makes_files = makes_files && s->low_kbps == 0;
    if (makes_files && !s->dir[0]) {
        say(SAY_ERROR, "child.setup", "s:s", "why", "no dir");
        child_leave(CHILD_MISUSED);
    }
    if (makes_files)
        child_make_dir(s->dir);
    /* Without the private set GStreamer may have to rebuild the user's registry: then only the calls are
     * shut. */
    if (private_set)
        child_shut_files(home, makes_files ? s->dir : NULL);
    else
        say(SAY_WARN, "child.no-files-wall", NULL);
    /* GStreamer's ORC writes code at run time, which neither our walls nor a service's
     * (MemoryDenyWriteExecute=) allow, and aborts; its plain C does the same work. */
    g_setenv("ORC_CODE", "backup", TRUE);
    gst_init(NULL, NULL);
}

void child_load(const struct plugin_set *set)
{
    for (const char *const *name = set->plugins; *name; name++) {
        g_autoptr(GstPlugin) found = gst_registry_find_plugin(gst_registry_get(), *name);
        g_autoptr(GstPlugin) loaded = found ? gst_plugin_load(found) : NULL;
        if (found && !loaded)
            say(SAY_WARN, "child.plugin", "s:s", "broken", *name);
    }
}

GstElement *child_make(GstBin *into, const char *factory, const char *name)
{
    GstElement *element = gst_element_factory_make(factory, name);
    if (!element || !gst_bin_add(into, element)) {
        say(SAY_ERROR, "child.element", "s:s", "missing", factory);
        child_leave(CHILD_BROKEN);
    }
    return element;
}

static GstBusSyncReply child_bus(GstBus *bus, GstMessage *message, gpointer data)
{
    (void)bus, (void)data;
    g_autoptr(GError) error = NULL;
    g_autofree char *debug = NULL;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
        gst_message_parse_error(message, &error, &debug);
        say(SAY_ERROR, "child.error", "s:s, s:s, s:s?", "element", GST_OBJECT_NAME(GST_MESSAGE_SRC(message)),
            "why", error->message, "debug", debug);
        child_leave(CHILD_PIPELINE);
    }
    gst_message_unref(message);
    return GST_BUS_DROP;
}

void child_watch(GstElement *pipeline)
{
    g_autoptr(GstBus) bus = gst_pipeline_get_bus(GST_PIPELINE(pipeline));
    gst_bus_set_sync_handler(bus, child_bus, NULL, NULL);
}

void child_play(GstElement *pipeline)
{
    GstStateChangeReturn went = gst_element_set_state(pipeline, GST_STATE_PLAYING);
    if (went == GST_STATE_CHANGE_ASYNC)
        went = gst_element_get_state(pipeline, NULL, NULL, PLAY_WAIT_S * GST_SECOND);
    if (went == GST_STATE_CHANGE_FAILURE || went == GST_STATE_CHANGE_ASYNC) {
        say(SAY_ERROR, "child.play", NULL);
        child_leave(CHILD_PIPELINE);
    }
}

void child_shut(struct wire *w, enum sandbox_calls allow)
{
    if (!sandbox_calls(allow)) {
        say(SAY_ERROR, "child.sandbox", "s:s", "why", "seccomp refused");
        child_leave(CHILD_BROKEN);
    }
    wire_send(w, PIPE_READY, PIPE_NONE, 0, NULL, 0);
}
