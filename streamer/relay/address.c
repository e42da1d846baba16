/* address.c: conversions between our address value, sockaddrs and text. */
#include "streamer/relay/address.h"

#include <arpa/inet.h>
#include <string.h>

bool address_is_v4(const struct address *a)
{
    return IN6_IS_ADDR_V4MAPPED(&a->ip);
}

bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

guint address_hash(const void *a)
{
    uint32_t word[5], h = 2166136261u;
    memcpy(word, a, sizeof word);
    for (int i = 0; i < 5; i++)
        h = (h ^ word[i]) * 16777619u, h ^= h >> 15;
    return h;
}

gboolean address_same(const void *a, const void *b)
{
    return address_equal(a, b);
}

static void address_map_v4(struct address *out, const struct in_addr *v4)
{
    memset(&out->ip, 0, sizeof out->ip);
    out->ip.s6_addr[10] = out->ip.s6_addr[11] = 0xff;
    memcpy(&out->ip.s6_addr[12], v4, 4);
}

bool address_from_sockaddr(struct address *out, const struct sockaddr *sa)
{
    memset(out, 0, sizeof *out);
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        address_map_v4(out, &in.sin_addr);
        out->port = ntohs(in.sin_port);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof in);
        out->ip = in.sin6_addr;
        out->port = ntohs(in.sin6_port);
        return true;
    }
    return false;
}

socklen_t address_to_sockaddr(const struct address *a, int family, struct sockaddr_storage *out)
{
    if (family == AF_INET6) {
        struct sockaddr_in6 in = {.sin6_family = AF_INET6, .sin6_port = htons(a->port), .sin6_addr = a->ip};
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    if (!address_is_v4(a))
        return 0;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
    memcpy(&in.sin_addr, &a->ip.s6_addr[12], 4);
    memcpy(out, &in, sizeof in);
    return sizeof in;
}

bool address_parse(struct address *out, const char *ip, uint16_t port)
{
    struct in_addr v4;
    memset(out, 0, sizeof *out);
    out->port = port;
    if (inet_pton(AF_INET, ip, &v4) == 1) {
        address_map_v4(out, &v4);
        return true;
    }
    return inet_pton(AF_INET6, ip, &out->ip) == 1;
}

void address_print_ip(const struct address *a, char out[ADDRESS_TEXT])
{
    if (address_is_v4(a))
        inet_ntop(AF_INET, &a->ip.s6_addr[12], out, ADDRESS_TEXT);
    else
        inet_ntop(AF_INET6, &a->ip, out, ADDRESS_TEXT);
}
