// people.tsx: who logs in with a number, farmers first, then households for whom the village team ordered: make a log-in QR code at the
// door, add a household and its stall.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { get, post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { postOnce } from '../shared/once.ts';
import { onReturn } from '../shared/page.ts';
import { phoneText, readPhone } from '../shared/phone.ts';
import { t, type Key } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { useDraft } from '../shared/ui/draft.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Opening, Sheet, typed } from '../shared/ui/parts.tsx';
import { isMeant } from './find.ts';
import { QrScreen, type LoginLink } from './qr-screen.tsx';
import { slugsOf } from './slug.ts';

const AGAIN_MS = 5000;

/** `onLoad`: with the code why the list did not come, which is asked for again; null: it came. */
export function People({ onTrouble, onLoad }: { onTrouble(code: string): void; onLoad(code: string | null): void }) {
  const [people, setPeople] = useState<Person[] | null>(null);
  const [find, setFind] = useState('');
  const [qr, setQr] = useState<{ person: Person; link: LoginLink } | null>(null);
  const [adding, setAdding] = useState(false);

  const [failed, setFailed] = useState(0);
  const load = useCallback(async () => {
    try {
      const [farmers, buyers] = await Promise.all((['farmer', 'buyer'] as const).map(async (role) => (await get<{ people: Person[] }>(`/people?role=${role}`)).people));
      setPeople([...farmers!, ...buyers!.filter((b) => !farmers!.some((f) => f.id === b.id))]);
      setFailed(0);
      onLoad(null);
    } catch (e) {
      setFailed((n) => n + 1);
      onLoad((e as Problem).code);
    }
  }, []);
  useEffect(() => {
    void load();
    return onReturn(() => void load());
  }, []);
  useEffect(() => {
    if (!failed) return;
    const timer = setTimeout(() => void load(), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [failed]);

  const link = async (person: Person) => {
    try {
      setQr({ person, link: await post<LoginLink>(`/people/${person.id}/links`, { key: newKey() }) });
    } catch (e) {
      onTrouble((e as Problem).actCode);
    }
  };

  const shown = (people ?? []).filter((p) => isMeant(p, find));
  return (
    <>
      <p class="soft">{t('people.lead')}</p>
      <button type="button" class="quiet wide-button" data-testid="person-add" onClick={() => setAdding(true)}><Icon name="plus" />{t('people.add')}</button>
      {(people?.length ?? 0) > 6 && (
        <label class="field"><span>{t('people.find')}</span><input type="search" data-testid="people-find" value={find} onInput={(e) => setFind(e.currentTarget.value)} /></label>
      )}
      {people === null && failed === 0 && <Opening />}
      {people !== null && people.length > 0 && shown.length === 0 && <p class="soft" role="status" data-testid="people-none">{t('people.none')}</p>}
      <ul class="people">
        {shown.map((p) => (
          <li key={p.id} data-testid={`person-${p.id}`}>
            <div><h2>{p.name}</h2><p class="soft">{phoneText(p.phone)}{p.place && ` · ${p.place}`}{!p.roles.includes('farmer') && ` · ${t('people.buys')}`}</p></div>
            <button type="button" class="primary" data-testid={`link-${p.id}`} aria-label={`${t('people.qr')}: ${p.name}`} onClick={() => void link(p)}><Icon name="qr" />{t('people.qr')}</button>
          </li>
        ))}
      </ul>
      {adding && <PersonForm onClose={() => setAdding(false)} onDone={(p) => { setAdding(false); void load(); void link(p); }} />}
      {qr && <QrScreen name={qr.person.name} link={qr.link} onClose={() => setQr(null)} onAgain={() => void link(qr.person)} />}
    </>
  );
}

/** Many a stall is called "Rau sạch": the next free address is taken. */
async function openStall(name: string, village: string, farmer: number): Promise<void> {
  let taken: unknown;
  for (const slug of slugsOf(name)) {
    try {
      return await postOnce('/stalls', { slug, name, village, farmer });
    } catch (e) {
      if ((e as Problem).code !== 'already-there') throw e;
      taken = e;
    }
  }
  throw taken;
}

const FIELDS = ['name', 'phone', 'place', 'stall', 'village'] as const;
type Draft = Record<(typeof FIELDS)[number], string>;

function PersonForm({ onClose, onDone }: { onClose(): void; onDone(p: Person): void }) {
  const [made, setMade] = useState<Person | null>(null);      // the household is written down, its stall not yet
  const [draft, write, sent] = useDraft<Draft>('person', { name: '', phone: '', place: '', stall: '', village: '' });
  const [wrong, setWrong] = useState<keyof Draft | null>(null);
  const { busy, trouble, act } = useAct();

  const send = (e: Event) => {
    e.preventDefault();
    const phone = readPhone(draft.phone);
    const bad = FIELDS.find((f) => (f === 'phone' ? !phone : !draft[f].trim())) ?? null;
    setWrong(bad);
    if (bad) return document.getElementById(`person-${bad}`)?.focus();
    void act(async () => {
      const person = made ?? (await postOnce<{ person: Person }>('/people', { name: draft.name.trim(), phone, place: draft.place.trim(), roles: ['farmer'] })).person;
      setMade(person);
      await openStall(draft.stall.trim(), draft.village.trim(), person.id);
      sent();
      onDone(person);
    });
  };

  return (
    <Sheet title={t('people.add')} onClose={onClose} testid="person-form">
      <form class="order-form" onSubmit={send} noValidate>
        {FIELDS.map((f) => (
          <label key={f} class={`field ${wrong === f ? 'wrong' : ''}`}><span>{t(`person.${f}` as Key)}</span>
            <input id={`person-${f}`} data-testid={`person-${f}`} disabled={made !== null && f !== 'stall' && f !== 'village'} {...typed(f === 'phone' ? 'tel' : 'text')} maxLength={f === 'place' ? 200 : 80} autoComplete="off" aria-invalid={wrong === f}
              value={draft[f]} onInput={(e) => write({ [f]: e.currentTarget.value })} />
            {wrong === f && <em role="alert">{f === 'phone' ? t('wrong.phone') : t('person.missing')}</em>}</label>
        ))}
        <Notice text={trouble} tone="bad" />
        <button type="submit" class="primary big" data-testid="person-save" disabled={busy}>{t('people.save')}</button>
      </form>
    </Sheet>
  );
}
