/* throttle.h: how often somebody may guess a password. Three buckets that only failures empty:
 *   phone and address: 5 guesses, one more each 30 s   (one attacker, one victim)
 *   address: 30 guesses, one more each 2 s             (one attacker, many victims; a school behind one
 * address still gets in) phone: 20 guesses, one more each 10 s              (many attackers, one victim) The
 * last one does not hold for an address from which that phone has logged in before, so that a crowd of
 * attackers cannot lock the owner out for good; the one-time link of a cadre helps in any case. Numbers that
 * nobody has are throttled alike. In memory only: a restart forgives. Any thread.
 *
 * A second factor's six digits are guessed in the same buckets, under a name of their own, and in one more:
 *   person: 20 guesses, one more each 15 min           (who guesses here knows the password already, so
 * nobody else can keep the owner out: a hundred guesses a day at three codes in a million) */
#ifndef DESK_THROTTLE_H
#define DESK_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *throttle);
/* Before a guess. 0: go ahead; else seconds to wait. */
int throttle_take(struct throttle *throttle, const char *phone, const char *address, int64_t now_ms);
/* The guess was right: gives back what it cost and remembers the address. */
void throttle_right(struct throttle *throttle, const char *phone, const char *address, int64_t now_ms);
/* The same of a second factor's code; `name` is nobody's phone. */
int throttle_take_code(struct throttle *throttle, const char *name, const char *address, int64_t now_ms);
void throttle_right_code(struct throttle *throttle, const char *name, const char *address, int64_t now_ms);

#endif
