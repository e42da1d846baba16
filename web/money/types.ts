// types.ts: the shapes of web/openapi.yaml that are about money. Amounts are integer đồng, times ms since 1970 UTC.

export type PayState = 'none' | 'expected' | 'part' | 'cash' | 'paid' | 'settled' | 'over' | 'returned';

export interface Payment {
  state: PayState; total: number; received: number; returned: number;
  due: number; surplus: number; cash: number;     // cash: of what was received, still with a courier
}

export interface PayQr {
  payload: string; svg: string; memo: string; amount: number;
  bin: string; bank: string | null; receives: boolean; number: string; holder: string;
}

export type PayFirstWhy = 'cod-refusals' | 'cod-cap';
/** Cash at the door: beyond `refusals` doors in `days` days, or `owed_max` đồng at once, an order is paid first. */
export interface CashRules { refusals: number; days: number; owed_max: number }
export interface CashBound extends CashRules { made_by: string | null; made_at: number | null }
export interface OrderCash extends CashRules { pay_first: PayFirstWhy | null; may: boolean }
export interface MyCash extends CashRules { phone: string | null; pay_first: PayFirstWhy | null; left: number; credit?: number }
/** What the buyer has good with us, and how much of it can pay this order now; null: not the asker's to know. */
export interface OrderCredit { have: number; use: number }

export interface PaymentAnswer { payment: Payment; qr: PayQr | null; way?: 'bank' | 'cash' | null; way_differed?: boolean; cash?: OrderCash; credit?: OrderCredit | null }

export const TASK_KINDS = ['unmatched', 'under', 'over', 'late', 'duplicate', 'refund-due', 'out', 'unreadable'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export interface Task {
  id: number; kind: TaskKind; event: number | null; order: string | null; amount: number;
  near: string;                                   // codes of orders that look close, between blanks
  made_at: number; memo: string | null; payer: string | null; reference: string | null; paid_at: number | null;
}

export interface Refund {
  id: number; order: string; amount: number; reason: string; state: 'granted' | 'paid';
  granted_at: number; paid_at: number | null; reference: string;
  granted_by: string; paid_by: string | null; name: string; phone: string; bank_at: number | null;
}

export interface Account {
  id: number; bin: string; bank: string | null; receives: boolean; number: string; holder: string;
  owner: number | null;                           // a farmer; null: the co-op's
  balance: number;
}

export interface PayeeAccount extends Omit<Account, 'balance'> { starts_at: number; fee_points: number }
export interface Payee { now: PayeeAccount | null; next: PayeeAccount | null }

export interface ImportCounts {
  rows: number; repeated: number; joined: number; matched: number; unsure: number; review: number; outgoing: number; foreign: number;
}
export interface StatementAbout {
  account: string; chain: 'none' | 'whole' | 'broken'; chain_row: number | null;
  opening: number | null; closing: number | null; issues: { row: number; what: string }[];
}
export interface ImportAnswer { counts: ImportCounts; statement: StatementAbout }

export interface Handover {
  id: number; giver: number; giver_name: string; taker: number; taker_name: string; amount: number;
  counted: number | null; reason: string | null; given_at: number; taken_at: number | null;
}

export interface CashDay { day: string; person: number; name: string; collected: number; remitted: number; taken_over: number; balance: number }

export interface CashExpected { day: string; person: number; name: string; stops: number; expected: number }

export interface Suggestion {
  order: string; name: string; stall_name: string; placed_at: number; total: number; due: number;
  why: 'memo' | 'amount' | 'code';                // code: typed in by hand here
}

export interface SettlementRow { at: number; kind: string; order: string | null; words: string; amount: number; balance: number }
export interface Settlement {
  farmer: number; opening: number; rows: SettlementRow[]; earned: number; paid: number; taken_back: number;
  closing: number; payable: number; clawback: number;
  tax: TaxLine[];
}

/** since: null for the law's own rates; points: hundredths of a percent; an amount below 0 offsets. */
export interface TaxLine {
  kind: 'goods' | 'transport' | 'services' | 'unknown'; since: number | null; vat_points: number; income_points: number;
  amount: number; vat: number; income: number;
}

export interface TaxRate {
  from: string | null; state: 'past' | 'now' | 'next' | 'replaced';
  goods_vat: number; goods_income: number; transport_vat: number; transport_income: number; services_vat: number; services_income: number;
  made_by: string | null; made_at: number | null;
}

/** A delivery company. balance: what it collected and has not paid on. */
export interface Carrier { id: number; name: string; phone: string; link: string; state: 'open' | 'closed'; balance: number; under_way: number }
export interface CarrierReport {
  carrier: Carrier;
  days: { day: string; expected: number; collected: number; fees: number; remitted: number; put_away: number }[];
  differences: { tracking: string; order: string | null; what: 'waiting' | 'less' | 'more' | 'unknown'; expected: number; collected: number; at: number }[];
}
export interface ListCounts { rows: number; booked: number; known: number; changed: number; unknown: number }

export interface Factor { on: boolean; since: number | null; codes_left: number; required: boolean }
/** `people`: for admins. */
export interface FactorRuling { required: boolean; made_by: string | null; made_at: number | null; people?: { id: number; name: string; on: boolean }[] }
