/* message.c: serialised messages and rows, shared by reference. */
#include "market/edge/message.h"

#include <glib.h>
#include <libwebsockets.h>
#include <string.h>
#include "market/base/shape.h"

static struct message *message_of(const char *text, size_t length)
{
    struct message *message = g_malloc(sizeof *message + LWS_PRE + length);
    message->refs = 1;
    message->length = length;
    message->text = message->room + LWS_PRE;
    memcpy(message->text, text, length);
    return message;
}

struct message *message_new(json_t *body)
{
    g_autofree char *text = shape_dump(body, false);
    json_decref(body);
    return message_of(text, strlen(text));
}

struct message *message_reply(const char *id, unsigned status, const char *body)
{
    json_t *name = json_string(id);
    g_autofree char *quoted = shape_dump(name, false);
    g_autofree char *text =
        g_strdup_printf("{\"t\":\"reply\",\"id\":%s,\"status\":%u,\"body\":%s}", quoted, status, body);
    json_decref(name);
    return message_of(text, strlen(text));
}

struct message *message_ref(struct message *message)
{
    message->refs++;
    return message;
}

void message_unref(struct message *message)
{
    if (message && --message->refs == 0)
        g_free(message);
}

/* `text` is `body` as it was stored; NULL: it has to be written here. */
static struct message *row_message(const struct desk_event *event, const json_t *body, const char *text)
{
    g_autofree char *fresh = text ? NULL : shape_dump(body, false);
    g_autoptr(GString) out = g_string_sized_new(strlen(text ? text : fresh) + 160);
    g_string_append_printf(out,
                           "{\"t\":\"row\",\"id\":%" G_GINT64_FORMAT ",\"at\":%" G_GINT64_FORMAT
                           ",\"kind\":\"%s\",\"stall\":\"%s\",\"body\":",
                           event->id, event->at_ms, event->kind, event->slug ? event->slug : "");
    g_string_append(out, text ? text : fresh);
    g_string_append_c(out, '}');
    return message_of(out->str, out->len);
}

struct row *row_new(const struct desk_event *event, bool serialise)
{
    struct row *row = g_new0(struct row, 1);
    row->refs = 1;
    row->id = event->id;
    row->person = event->person;
    g_strlcpy(row->slug, event->slug ? event->slug : "", sizeof row->slug);
    g_strlcpy(row->kind, event->kind, sizeof row->kind);
    if (g_str_has_prefix(row->kind, "live.") || g_str_has_prefix(row->kind, "stall."))
        row->body = json_deep_copy(event->full ? event->full : event->open);
    bool open = event->open || event->open_text;
    bool apart = event->full_text || (event->full && event->full != event->open);
    if (serialise && open)
        row->open = row_message(event, event->open, event->open_text);
    if (serialise && apart)
        row->full = row_message(event, event->full, event->full_text);
    else if (serialise && event->full)
        row->full = message_ref(row->open);
    return row;
}

struct row *row_ref(struct row *row)
{
    row->refs++;
    return row;
}

void row_unref(struct row *row)
{
    if (!row || --row->refs > 0)
        return;
    message_unref(row->open);
    message_unref(row->full);
    json_decref(row->body);
    g_free(row);
}
