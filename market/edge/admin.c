/* admin.c: the admin's socket. Edge thread; the desk does the work and keeps the record of it. */
#include "market/edge/admin.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "market/edge/limits.h"
#include "market/edge/unix.h"
#include "market/edge/watch.h"
#include "market/store/store.h"

struct admin {
    struct edge *edge;
    char *path;
    unsigned clients;
};

struct caller {
    struct admin *admin;
    struct watch *watch; /* NULL: gone */
    int refs;            /* the watch and a call under way */
    GByteArray *in, *out;
    bool asked;
};

static void caller_unref(struct caller *caller)
{
    if (--caller->refs > 0)
        return;
    g_byte_array_unref(caller->in);
    g_byte_array_unref(caller->out);
    g_free(caller);
}

static void reply(struct caller *caller, enum result result, json_t *body)
{
    json_t *line =
        json_pack("{s:i,s:s,s:O?}", "status", result_http(result), "code", result_code(result), "body", body);
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text) {
        g_byte_array_append(caller->out, (const guint8 *)text, (guint)strlen(text));
        g_byte_array_append(caller->out, (const guint8 *)"\n", 1);
    }
    free(text);
    if (caller->watch)
        watch_writable(caller->watch);
}

struct call {
    struct post post;
    struct caller *caller;
    bool restore;
    enum result result;
    json_t *body;
};

/* From here on the next start takes it in, also when this process dies before it has drained. */
static bool take_checked(const struct edge *edge)
{
    g_autofree char *from = g_build_filename(edge->config->data, "market.db" STORE_CHECKED, NULL);
    g_autofree char *to = g_build_filename(edge->config->data, "market.db" STORE_INCOMING, NULL);
    return rename(from, to) == 0;
}

static void call_run(struct post *post)
{
    struct call *call = (struct call *)post;
    bool again = call->restore && call->result == R_OK;
    if (again && !take_checked(call->caller->admin->edge)) {
        call->result = R_UNKNOWN;
        again = false;
    }
    reply(call->caller, call->result, call->body);
    if (again)
        edge_again(call->caller->admin->edge);
    caller_unref(call->caller);
    json_decref(call->body);
    g_free(call);
}

static void on_reply(void *user, const struct desk_reply *desk_reply)
{
    struct call *call = user;
    call->result = desk_reply->result;
    call->body = json_incref(desk_reply->body);
    edge_post(call->caller->admin->edge, &call->post);
}

static void ask(struct caller *caller, size_t length)
{
    json_t *line = json_loadb((const char *)caller->in->data, length, JSON_REJECT_DUPLICATES, NULL);
    const char *command = json_string_value(json_object_get(line, "command"));
    json_t *params = json_object_get(line, "params");
    caller->asked = true;
    if (!command || !g_str_has_prefix(command, "admin.") || (params && !json_is_object(params))) {
        reply(caller, R_BAD_JSON, NULL);
        json_decref(line);
        return;
    }
    struct who who;
    edge_system_who(&who);
    if (params && !strcmp(command, "admin.backup"))
        json_object_set_new(params, "media", json_sprintf("%s/media", caller->admin->edge->config->data));
    struct call *call = g_new0(struct call, 1);
    call->post.run = call_run;
    call->caller = caller;
    call->restore = !strcmp(command, "admin.restore");
    caller->refs++;
    enum result r = desk_call(caller->admin->edge->desk, command, &who, json_incref(params), on_reply, call);
    json_decref(line);
    if (r != R_OK) {
        call->result = r;
        call_run(&call->post);
    }
}

static bool caller_read(struct caller *caller, int fd)
{
    guint8 bytes[4096];
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    if (caller->asked || caller->in->len + (size_t)got > ADMIN_LINE_MAX)
        return false;
    g_byte_array_append(caller->in, bytes, (guint)got);
    const guint8 *end = memchr(caller->in->data, '\n', caller->in->len);
    if (end)
        ask(caller, (size_t)(end - caller->in->data));
    return true;
}

static bool caller_io(void *user, int fd, bool writable)
{
    struct caller *caller = user;
    if (!writable)
        return caller_read(caller, fd);
    ssize_t put = send(fd, caller->out->data, caller->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0)
        return errno == EAGAIN || errno == EINTR;
    g_byte_array_remove_range(caller->out, 0, (guint)put);
    if (caller->out->len)
        watch_writable(caller->watch);
    return caller->out->len > 0; /* all said: close */
}

static void caller_gone(void *user)
{
    struct caller *caller = user;
    caller->watch = NULL;
    caller->admin->clients--;
    caller_unref(caller);
}

static bool on_accept(void *user, int fd, bool writable)
{
    struct admin *admin = user;
    int client = writable ? -1 : unix_accept(fd);
    if (client < 0)
        return true;
    if (admin->clients >= ADMIN_CLIENTS_MAX) {
        close(client);
        return true;
    }
    struct caller *caller = g_new0(struct caller, 1);
    caller->admin = admin;
    caller->refs = 1;
    caller->in = g_byte_array_new();
    caller->out = g_byte_array_new();
    admin->clients++;
    caller->watch = watch_new(admin->edge, client, caller_io, caller_gone, caller);
    if (!caller->watch)
        caller_gone(caller);
    return true;
}

struct admin *admin_new(struct edge *edge, const char *path, const char **why)
{
    int fd = unix_listen(path, why);
    if (fd < 0)
        return NULL;
    struct admin *admin = g_new0(struct admin, 1);
    admin->edge = edge;
    admin->path = g_strdup(path);
    watch_new(edge, fd, on_accept, NULL, admin);
    return admin;
}

void admin_free(struct admin *admin)
{
    if (!admin)
        return;
    unlink(admin->path);
    g_free(admin->path);
    g_free(admin);
}
