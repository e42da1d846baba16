// farmers.tsx: the office's way to each farmer's statement.
import { phoneText } from '../shared/phone.ts';
import { t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';

export function Farmers({ onTrouble }: TabProps) {
  const [found] = useAnswer<{ people: Person[] }>('/people?role=farmer', onTrouble);
  return (
    <>
      <p class="soft">{t('st.choose')}</p>
      <ul class="picks">{(found?.people ?? []).map((p) => (
        <li key={p.id}><a class="quiet" data-testid={`statement-${p.id}`} href={`/statement?person=${p.id}`}>{p.name}<small>{phoneText(p.phone)}{p.place && ` · ${p.place}`}</small></a></li>
      ))}</ul>
    </>
  );
}
