/* private.c: the special ranges of RFC 6890 and its updates. */
#include "market/edge/private.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static const struct {
    uint32_t net;
    int bits;
} special4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
};

static bool private4(const unsigned char bytes[4])
{
    uint32_t address =
        (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    for (size_t i = 0; i < sizeof special4 / sizeof special4[0]; i++) {
        if (address >> (32 - special4[i].bits) == special4[i].net >> (32 - special4[i].bits))
            return true;
    }
    return false;
}

static bool private6(const unsigned char b[16])
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (!memcmp(b, mapped, 12) || !memcmp(b, nat64, 12))
        return private4(b + 12);
    if (b[0] == 0x20 && b[1] == 0x02)
        return private4(b + 2);
    if ((b[0] & 0xe0) != 0x20) /* only 2000::/3 is public unicast */
        return true;
    bool teredo_and_kin = b[0] == 0x20 && b[1] == 0x01 && b[2] < 2;
    bool documentation =
        (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8) || (b[0] == 0x3f && b[1] == 0xff);
    return teredo_and_kin || documentation;
}

bool private_address(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return private4((const unsigned char *)&in.sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, address, sizeof in);
        return private6(in.sin6_addr.s6_addr);
    }
    return true;
}
