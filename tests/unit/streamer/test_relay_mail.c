/* Letter boxes between threads: everything that must arrive does, in order; packets find their way home. */
#include "streamer/relay/limits.h"
#include "streamer/relay/mail.h"
#include "streamer/relay/packet.h"

#include <glib.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { LETTERS = 100000, PATIENCE_MS = 20000, LAST = 9, LETTER = 1, PACKET = 2 };

static void a_full_ring_refuses_media_and_keeps_the_rest(void **state)
{
    struct mail *m = mail_new();
    struct note n = {.kind = LETTER};
    (void)state;
    for (n.room = 0; n.room < MAIL_NOTES; n.room++)
        assert_true(mail_put(m, &n, false));
    assert_false(mail_put(m, &n, false));
    assert_true(mail_put(m, &n, true));
    assert_false(mail_flush(m)); /* put aside */
    assert_true(mail_take(m, &n));
    assert_int_equal(n.room, 0);
    assert_true(mail_flush(m)); /* there is room for it now */
    for (uint32_t i = 1; i <= MAIL_NOTES; i++) {
        assert_true(mail_take(m, &n));
        assert_int_equal(n.room, i);
    }
    assert_true(mail_is_empty(m));
    assert_false(mail_take(m, &n));
    mail_free(m);
}

struct reader {
    struct mail *mail;
    uint32_t letters, packets;
    bool in_order;
};

static void *read_all(void *arg)
{
    struct reader *r = arg;
    struct note n = {0};
    struct pollfd p = {.fd = mail_fd(r->mail), .events = POLLIN};
    r->in_order = true;
    while (n.kind != LAST && poll(&p, 1, PATIENCE_MS) == 1) {
        mail_heard(r->mail);
        while (mail_take(r->mail, &n)) {
            if (n.kind == LETTER)
                r->in_order &= n.room == r->letters++;
            if (n.kind != PACKET)
                continue;
            r->packets++;
            packet_unref(n.what);
        }
    }
    return NULL;
}

static void letters_arrive_in_order_and_packets_come_home(void **state)
{
    struct reader r = {.mail = mail_new()};
    struct packet_pool *pool = packet_pool_new(true);
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    pthread_t thread;
    uint32_t sent = 0;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, read_all, &r), 0);
    for (uint32_t i = 0; i < LETTERS; i++) {
        struct packet *p = packet_new(pool);
        g_hash_table_add(seen, p);
        assert_true(mail_put(r.mail, &(struct note){.kind = LETTER, .room = i}, true));
        if (mail_put(r.mail, &(struct note){.kind = PACKET, .what = packet_ref(p)}, false))
            sent++;
        else
            packet_unref(p);
        packet_unref(p);
        if (i % 64 == 0)
            mail_flush(r.mail);
    }
    mail_put(r.mail, &(struct note){.kind = LAST}, true);
    for (int i = 0; i < PATIENCE_MS && !mail_flush(r.mail); i++)
        g_usleep(1000);
    pthread_join(thread, NULL);
    assert_int_equal(r.letters, LETTERS);
    assert_true(r.in_order);
    assert_int_equal(r.packets, sent);
    assert_in_range(g_hash_table_size(seen), 1, MAIL_NOTES + 1024); /* used again and again */
    mail_free(r.mail);
    packet_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_ring_refuses_media_and_keeps_the_rest),
        cmocka_unit_test(letters_arrive_in_order_and_packets_come_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
