/* address.h: an IP address and port as one small value; IPv4 is kept as ::ffff:a.b.c.d so that all compare
 * alike. */
#ifndef RELAY_ADDRESS_H
#define RELAY_ADDRESS_H

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    struct in6_addr ip;
    uint16_t port; /* host order */
    uint16_t tcp;  /* 0: UDP; else the number of a connection (tcp.h). Addresses are compared as bytes */
};

#define ADDRESS_TEXT 64 /* bytes that hold any written address */

bool address_is_v4(const struct address *a);
bool address_equal(const struct address *a, const struct address *b);
guint address_hash(const void *a); /* for GHashTable, with address_same */
gboolean address_same(const void *a, const void *b);

bool address_from_sockaddr(struct address *out, const struct sockaddr *sa);
/* Writes a sockaddr of `family` (AF_INET6 takes both kinds) and returns its length, 0 if it cannot be. */
socklen_t address_to_sockaddr(const struct address *a, int family, struct sockaddr_storage *out);
bool address_parse(struct address *out, const char *ip,
                   uint16_t port); /* numeric only: no name is ever resolved */
void address_print_ip(const struct address *a, char out[ADDRESS_TEXT]);

#endif
