/* call_pay.h: the rows of the table of commands that are about money, and what runs them. Inside desk/ only.
 */
#ifndef DESK_CALL_PAY_H
#define DESK_CALL_PAY_H

#include "market/desk/call.h"

/* Who grants a refund (the office) is not who pays it (an admin keeps the money): and never the same person.
 */
#define PAY_OFFICE (ROLE_CADRE | ROLE_ADMIN)
#define PAY_HANDS (ROLE_FARMER | ROLE_COURIER | PAY_OFFICE)
#define PAY_PAYER ROLE_ADMIN

#define PAY_COMMANDS                                                                                         \
    {"payment.get", WHO_PERSON, CMD_QUERY, run_payment_get, NULL, NULL},                                     \
        {"payment.cash", PAY_HANDS, CMD_KEY, run_payment_cash, NULL, NULL},                                  \
        {"payment.credit", WHO_PERSON, CMD_KEY, run_payment_credit, NULL, NULL},                             \
        {"payment.tasks", PAY_OFFICE, CMD_QUERY, run_payment_tasks, NULL, NULL},                             \
        {"payment.decide", PAY_OFFICE, CMD_KEY, run_payment_decide, NULL, NULL},                             \
        {"refund.grant", PAY_OFFICE, CMD_KEY | CMD_PROOF, run_refund_grant, NULL, NULL},                     \
        {"refund.pay", PAY_PAYER, CMD_KEY | CMD_PROOF, run_refund_pay, NULL, NULL},                          \
        {"refund.list", PAY_OFFICE, CMD_QUERY, run_refund_list, NULL, NULL},                                 \
        {"settlement.get", ROLE_FARMER | PAY_OFFICE, CMD_QUERY, run_settlement_get, NULL, NULL},             \
        {"settlement.pay", PAY_PAYER, CMD_KEY | CMD_PROOF, run_settlement_pay, NULL, NULL},                  \
        {"cash.give", PAY_HANDS, CMD_KEY, run_cash_give, NULL, NULL},                                        \
        {"cash.take", PAY_HANDS, CMD_KEY, run_cash_take, NULL, NULL},                                        \
        {"cash.list", PAY_HANDS, CMD_QUERY, run_cash_list, NULL, NULL},                                      \
        {"cash.report", PAY_HANDS, CMD_QUERY, run_cash_report, NULL, NULL},                                  \
        {"cash.expected", PAY_HANDS, CMD_QUERY, run_cash_expected, NULL, NULL},                              \
        {"cash.takers", PAY_HANDS, CMD_QUERY, run_cash_takers, NULL, NULL},                                  \
        {"payment.suggest", PAY_OFFICE, CMD_QUERY, run_payment_suggest, NULL, NULL},                         \
        {"bank.add", PAY_OFFICE, CMD_KEY | CMD_PROOF, run_bank_add, NULL, NULL},                             \
        {"bank.list", PAY_OFFICE, CMD_QUERY, run_bank_list, NULL, NULL},                                     \
        {"payee.set", PAY_OFFICE, CMD_KEY | CMD_PROOF, run_payee_set, NULL, NULL},                           \
        {"payee.get", ROLE_FARMER | PAY_OFFICE, CMD_QUERY, run_payee_get, NULL, NULL},                       \
        {"statement.import", PAY_OFFICE, CMD_KEY | CMD_FILE, run_statement_import, before_statement, NULL},  \
        {"tax.list", PAY_OFFICE, CMD_QUERY, run_tax_list, NULL, NULL},                                       \
        {"tax.set", PAY_PAYER, CMD_KEY | CMD_PROOF, run_tax_set, NULL, NULL},                                \
        {"cod.mine", WHO_ANY, CMD_QUERY, run_cod_mine, NULL, NULL},                                          \
        {"cod.rules", PAY_OFFICE, CMD_QUERY, run_cod_rules, NULL, NULL},                                     \
        {"cod.set", PAY_PAYER, CMD_KEY | CMD_PROOF, run_cod_set, NULL, NULL},                                \
        {"hook.keep", ROLE_SYSTEM, 0, run_hook_keep, NULL, NULL},                                            \
    {                                                                                                        \
        "hook.work", ROLE_SYSTEM, 0, run_hook_work, NULL, NULL                                               \
    }

#define PAY_RUNS(X)                                                                                          \
    X(payment_get)                                                                                           \
    X(payment_cash)                                                                                          \
    X(payment_credit)                                                                                        \
    X(payment_tasks)                                                                                         \
    X(payment_decide)                                                                                        \
    X(refund_grant)                                                                                          \
    X(refund_pay)                                                                                            \
    X(refund_list)                                                                                           \
    X(settlement_get)                                                                                        \
    X(settlement_pay) X(cash_give) X(cash_take) X(cash_list) X(cash_report) X(bank_add) X(bank_list)         \
        X(payee_set) X(payee_get) X(statement_import) X(hook_keep) X(hook_work) X(cash_expected)             \
            X(cash_takers) X(payment_suggest) X(tax_list) X(tax_set) X(cod_mine) X(cod_rules) X(cod_set)
#define X(name) enum result run_##name(struct call *call);
PAY_RUNS(X)
#undef X
enum result before_statement(struct desk *desk, struct call *call);

#endif
