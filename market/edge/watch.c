/* watch.c: other file descriptors on libwebsockets' loop, as raw files. Edge thread. */
#include "market/edge/watch.h"

#include <unistd.h>

struct watch {
    enum thing thing;
    struct lws *wsi;
    int fd;
    watch_fn fn;
    watch_gone_fn gone;
    void *user;
    bool closing;
};

struct watch *watch_new(struct edge *edge, int fd, watch_fn fn, watch_gone_fn gone, void *user)
{
    lws_sock_file_fd_type file = {.filefd = fd};
    struct lws *wsi = lws_adopt_descriptor_vhost(edge->vhost, LWS_ADOPT_RAW_FILE_DESC, file, "market", NULL);
    if (!wsi)
        return NULL; /* libwebsockets has closed it */
    struct watch *watch = g_new0(struct watch, 1);
    *watch = (struct watch){.thing = THING_WATCH, .wsi = wsi, .fd = fd, .fn = fn, .gone = gone, .user = user};
    lws_set_opaque_user_data(wsi, watch);
    return watch;
}

void watch_writable(struct watch *watch)
{
    lws_callback_on_writable(watch->wsi);
}

void watch_close(struct watch *watch)
{
    if (!watch || watch->closing)
        return;
    watch->closing = true;
    lws_set_timeout(watch->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

int watch_callback(struct lws *wsi, enum lws_callback_reasons reason)
{
    struct watch *watch = wsi ? lws_get_opaque_user_data(wsi) : NULL;
    if (!watch || watch->thing != THING_WATCH)
        return 0;
    switch ((int)reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
        return watch->closing || watch->fn(watch->user, watch->fd, false) ? 0 : -1;
    case LWS_CALLBACK_RAW_WRITEABLE_FILE:
        return watch->closing || watch->fn(watch->user, watch->fd, true) ? 0 : -1;
    case LWS_CALLBACK_RAW_CLOSE_FILE:
        lws_set_opaque_user_data(wsi, NULL);
        if (watch->gone)
            watch->gone(watch->user);
        g_free(watch);
        return 0;
    default:
        return 0;
    }
}
