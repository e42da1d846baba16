// person-pick.tsx: choosing one of the people who handle money.
import { t } from '../shared/text.ts';
import type { Person, Role } from '../shared/types.ts';
import { useAnswer } from './load.ts';

interface Props { lead: string; roles: readonly Role[]; onPick(p: Person): void; onTrouble(code: string): void }

export function PersonPick({ lead, roles, onPick, onTrouble }: Props) {
  const [found] = useAnswer<{ people: Person[] }>('/people', onTrouble);
  const people = (found?.people ?? []).filter((p) => p.roles.some((r) => roles.includes(r)));
  return (
    <>
      <p>{lead}</p>
      <ul class="picks">{people.map((p) => (
        <li key={p.id}><button type="button" class="quiet" data-testid={`person-${p.id}`} onClick={() => onPick(p)}>
          {p.name}<small>{p.roles.map((r) => t(`role.${r}`)).join(', ')}</small></button></li>
      ))}</ul>
    </>
  );
}
