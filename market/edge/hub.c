/* hub.c: subscriber lists per stall and the bounded queue of each WebSocket.
 *
 *> Stop 4 of the order's way: the row is on disk, edge.c brought it over from the desk's thread, and here it
 *goes to everyone who watches the stall: open to all, full to its farmer, cadres and the buyer. */
#include "market/edge/hub.h"

#include <string.h>
#include "market/edge/limits.h"

struct hub {
    struct edge *edge;
    GHashTable *stalls;  /* slug → GHashTable set of clients; "*" is one of them */
    GHashTable *clients; /* set of all */
    int64_t last;
};

static void free_set(gpointer set)
{
    g_hash_table_destroy(set);
}

struct hub *hub_new(struct edge *edge)
{
    struct hub *hub = g_new0(struct hub, 1);
    hub->edge = edge;
    hub->stalls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_set);
    hub->clients = g_hash_table_new(NULL, NULL);
    return hub;
}

void hub_free(struct hub *hub)
{
    if (!hub)
        return;
    g_hash_table_destroy(hub->stalls);
    g_hash_table_destroy(hub->clients);
    g_free(hub);
}

struct client *client_new(struct conn *conn)
{
    struct client *client = g_new0(struct client, 1);
    client->refs = 1;
    client->edge = conn->edge;
    client->conn = conn;
    client->incoming = g_byte_array_new();
    g_queue_init(&client->queue);
    g_queue_init(&client->held);
    bucket_fill(&client->messages, CLIENT_MESSAGES_BURST, clock_steady_ms());
    g_hash_table_add(conn->edge->hub->clients, client);
    return client;
}

struct client *client_ref(struct client *client)
{
    client->refs++;
    return client;
}

static void drop_held(struct client *client)
{
    struct row *row;
    while ((row = g_queue_pop_head(&client->held)))
        row_unref(row);
}

static void drop_queue(struct client *client)
{
    struct message *message;
    while ((message = g_queue_pop_head(&client->queue)))
        message_unref(message);
    client->queue_bytes = 0;
}

void client_unref(struct client *client)
{
    if (--client->refs > 0)
        return;
    drop_queue(client);
    drop_held(client);
    g_byte_array_unref(client->incoming);
    memset(client->secret, 0, sizeof client->secret);
    g_free(client);
}

static void queue_push(struct client *client, struct message *message)
{
    g_queue_push_tail(&client->queue, message);
    client->queue_bytes += message->length;
    lws_callback_on_writable(client->conn->wsi);
}

void client_send(struct client *client, struct message *message)
{
    if (!client->conn || client->bye) {
        message_unref(message);
        return;
    }
    bool first = client->queue.length == 0; /* one message of any size is always taken */
    if (!first &&
        (client->queue.length >= CLIENT_QUEUE_MAX + (client->state == CLIENT_JOINED ? 0 : CATCH_UP_ROWS) ||
         client->queue_bytes + message->length > CLIENT_QUEUE_BYTES)) {
        message_unref(message);
        client_bye(client, "slow", 1008, RETRY_AFTER_DRAIN_MS);
        return;
    }
    queue_push(client, message);
}

void client_bye(struct client *client, const char *code, unsigned short close_code, int retry_ms)
{
    if (!client->conn || client->bye)
        return;
    hub_leave(client->edge->hub, client);
    if (!strcmp(code, "slow"))
        drop_queue(client);
    client->bye = code;
    client->close_code = close_code;
    queue_push(client,
               message_new(json_pack("{s:s,s:s,s:i}", "t", "bye", "code", code, "retry_ms", retry_ms)));
    lws_set_timeout(client->conn->wsi, PENDING_TIMEOUT_USER_OK, 5); /* it may never become writable */
}

void hub_join(struct hub *hub, struct client *client, const char *stall)
{
    hub_leave(hub, client);
    GHashTable *set = g_hash_table_lookup(hub->stalls, stall);
    if (!set) {
        set = g_hash_table_new(NULL, NULL);
        g_hash_table_insert(hub->stalls, g_strdup(stall), set);
    }
    g_hash_table_add(set, client);
    g_strlcpy(client->stall, stall, sizeof client->stall);
    client->state = CLIENT_JOINING;
    client->join++;
    client->mark = 0;
    client->mine = false;
    g_atomic_int_inc(&hub->edge->watching);
}

void hub_leave(struct hub *hub, struct client *client)
{
    if (client->state == CLIENT_LOOSE)
        return;
    GHashTable *set = g_hash_table_lookup(hub->stalls, client->stall);
    g_hash_table_remove(set, client);
    if (g_hash_table_size(set) == 0)
        g_hash_table_remove(hub->stalls, client->stall);
    client->state = CLIENT_LOOSE;
    drop_held(client);
    g_atomic_int_add(&hub->edge->watching, -1);
}

static void send_row(struct client *client, struct row *row)
{
    if (row->id <= client->mark)
        return;
    client->mark = row->id;
    bool full =
        client->mine || who_is_cadre(&client->who) || (row->person && row->person == client->who.person);
    struct message *message = full && row->full ? row->full : row->open;
    if (message)
        client_send(client, message_ref(message));
}

void hub_joined(struct client *client, int64_t mark)
{
    if (mark > client->mark)
        client->mark = mark;
    client->state = CLIENT_JOINED;
    struct row *row;
    while (client->state == CLIENT_JOINED && (row = g_queue_pop_head(&client->held))) {
        send_row(client, row);
        row_unref(row);
    }
}

static void give_row(struct client *client, struct row *row)
{
    if (client->state == CLIENT_JOINED)
        send_row(client, row);
    else if (client->held.length >= CLIENT_HELD_MAX)
        client_bye(client, "slow", 1008, RETRY_AFTER_DRAIN_MS);
    else
        g_queue_push_tail(&client->held, row_ref(row));
}

/* Clients may leave (slow) while their set is walked, so a list of them is walked instead. */
static void each_of(GHashTable *set, void (*fn)(struct client *client, void *arg), void *arg)
{
    if (!set)
        return;
    GList *list = g_hash_table_get_keys(set);
    for (GList *at = list; at; at = at->next)
        fn(at->data, arg);
    g_list_free(list);
}

static void row_to(struct client *client, void *row)
{
    give_row(client, row);
}

void hub_row(struct hub *hub, struct row *row)
{
    if (row->id > hub->last)
        hub->last = row->id;
    if (!row->open && !row->full)
        return;
    if (*row->slug)
        each_of(g_hash_table_lookup(hub->stalls, row->slug), row_to, row);
    each_of(g_hash_table_lookup(hub->stalls, "*"), row_to, row);
}

static void message_to(struct client *client, void *message)
{
    if (client->state == CLIENT_JOINED)
        client_send(client, message_ref(message));
}

void hub_tell(struct hub *hub, const char *slug, struct message *message)
{
    each_of(g_hash_table_lookup(hub->stalls, slug), message_to, message);
    each_of(g_hash_table_lookup(hub->stalls, "*"), message_to, message);
    message_unref(message);
}

struct bye {
    const char *code;
    unsigned short close_code;
    int retry_ms;
};

static void bye_to(struct client *client, void *arg)
{
    const struct bye *bye = arg;
    client_bye(client, bye->code, bye->close_code, bye->retry_ms);
}

void hub_bye(struct hub *hub, const char *slug, const char *code, unsigned short close_code, int retry_ms)
{
    struct bye bye = {code, close_code, retry_ms};
    each_of(slug ? g_hash_table_lookup(hub->stalls, slug) : hub->clients, bye_to, &bye);
}

int64_t hub_last(const struct hub *hub)
{
    return hub->last;
}

static void plain(struct client *client, void *arg)
{
    void (**fn)(struct client *) = arg;
    (*fn)(client);
}

void hub_each(struct hub *hub, void (*fn)(struct client *client))
{
    each_of(hub->clients, plain, &fn);
}

unsigned hub_count(const struct hub *hub)
{
    return g_hash_table_size(hub->clients);
}

void hub_forget(struct hub *hub, struct client *client)
{
    hub_leave(hub, client);
    g_hash_table_remove(hub->clients, client);
    client->conn = NULL;
    client_unref(client);
}
