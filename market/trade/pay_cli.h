/* pay_cli.h: the small doors at the command line: `market qr …` and `market memo …`. Called by main with
 * argv[0] the word "qr" or "memo"; the result is the process's exit code. */
#ifndef TRADE_PAY_CLI_H
#define TRADE_PAY_CLI_H

/* qr make --bin 970405 --account N [--amount N] [--memo TEXT] [--card] [--png FILE] [--svg FILE]: prints the
 * payload. qr read PAYLOAD: its fields as JSON (0), the reason it is refused (1), or "another network" (2).
 * 64: wrong usage. */
int pay_cli_qr(int argc, char **argv);

/* memo match TEXT --code CODE…: prints the code that is surely in the text, or nothing; what is close goes to
 * stderr. */
int pay_cli_memo(int argc, char **argv);

#endif
