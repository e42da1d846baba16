/* restore_cli.h: `market restore FILE`: a backup takes the place of a market's database.
 *
 *   FILE ──copy──▶ market.db.checking ──schema brought up to date, books recomputed──▶ market.db.checked
 *                                                                        │ admin socket: the market calls it
 * market.db.incoming market: drains, closes, starts anew; under its lock market.db → market.db.before-TIME,
 * incoming → market.db
 *
 * The running market's file is never opened here, and FILE is only read. Cut off at any point, the market has
 * either the old database or the new one, whole. Prints
 * {"file","ok","journal":{rows,head},"orders",…,"market":"checked"|"restored"|"stopped", "lost_rows":N}; exit
 * 0, 1 with words on stderr, 64 for a wrong command line. */
#ifndef MARKET_RESTORE_CLI_H
#define MARKET_RESTORE_CLI_H

int restore_cli(int argc, char **argv);

#endif
