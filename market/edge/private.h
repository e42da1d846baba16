/* private.h: is this an address that no stranger may make us call? Pure. */
#ifndef EDGE_PRIVATE_H
#define EDGE_PRIVATE_H

#include <stdbool.h>
#include <sys/socket.h>

/* True for everything but public unicast addresses: loopback, private, link-local, carrier-grade NAT,
 * documentation, multicast, reserved; IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged by its IPv4 address;
 * other families are private. */
bool private_address(const struct sockaddr *address);

#endif
