/* who.h: who asks for something. Resolved once at the door, carried by value through desk and trade. */
#ifndef BASE_WHO_H
#define BASE_WHO_H

#include <stdbool.h>
#include <stdint.h>

/* Bits are stored in the database: never renumbered. */
enum role {
    ROLE_FARMER = 1,
    ROLE_BUYER = 2,
    ROLE_CADRE = 4,
    ROLE_COURIER = 8,
    ROLE_ADMIN = 16,
    ROLE_SYSTEM = 32 /* relay link, timers */
};

/* Who asks. Resolved by the edge with desk_who_* before each request; copied by value. */
struct who {
    int64_t person;      /* 0: nobody we know */
    uint32_t roles;      /* bit set of enum role */
    int64_t session;     /* row of the cookie's session, 0 for none */
    int64_t token_stall; /* a WHIP or WHEP client's token, for this stall and no person; 0: not one */
    bool token_publishes;
    bool factor_first; /* of the office, without the second factor it must have: may set one up and nothing
                          else; roles is 0 then */
    char address[46];  /* of the client, for throttling and the audit log */
    char lang[3];      /* "vi", "en", "fr" */
};

enum {
    ROLES_GIVEN = ROLE_FARMER | ROLE_BUYER | ROLE_CADRE | ROLE_COURIER | ROLE_ADMIN
}; /* a person may have these */

/* Cadres and admins look after every stall; the system is trusted with all of them. */
static inline bool who_is_cadre(const struct who *who)
{
    return (who->roles & (ROLE_CADRE | ROLE_ADMIN | ROLE_SYSTEM)) != 0;
}

#endif
