// price.ts: the price of goods as somebody types it, and what is said beside the field meanwhile.
import { money, readMoney } from './money.ts';
import { t } from './text.ts';
import type { Unit } from './types.ts';

/** The smallest note that goes from hand to hand. Below it nothing has its price: it is "18" for eighteen thousand, as prices are said aloud. */
const LEAST = 500;

/** `dong`: null as long as it is no price. `echo`: how it reads; `doubt`: what is wrong with it, once that can be said. */
export interface Price { dong: number | null; echo: string | null; doubt: string | null }

export function readPrice(text: string, unit: Unit): Price {
  const dong = readMoney(text);
  if (dong === null) return { dong, echo: null, doubt: null };
  if (dong < LEAST) return { dong: null, echo: null, doubt: t('wrong.small', { typed: money(dong), meant: money(dong * 1000) }) };
  return { dong, echo: `${money(dong)}/${t(`unit.${unit}`)}`, doubt: null };
}
