/* serve.h: `market serve`: reads the options, opens desk and edge, serves until told to stop. */
#ifndef MARKET_SERVE_H
#define MARKET_SERVE_H

int serve_main(int argc, char **argv);

#endif
