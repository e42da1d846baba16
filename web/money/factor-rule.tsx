// factor-rule.tsx: must the office have a second factor? What counts now, for an admin who has one already, and the other way.
import { useState } from 'preact/hooks';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import type { FactorRuling } from './types.ts';

export function FactorRule({ me, onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ rule: FactorRuling }>('/factor-rule', onTrouble);
  const [asking, setAsking] = useState(false);
  const rule = found?.rule;
  if (!rule) return null;
  return (
    <section class="block" data-testid="factor-rule" data-required={rule.required}>
      <h2>{t('rule.title')}</h2>
      <p>{t(rule.required ? 'rule.on' : 'rule.off')}</p>
      {rule.made_by !== null && rule.made_at !== null && <p class="soft">{t('tax.by', { name: rule.made_by })} · {moment(rule.made_at, Date.now())}</p>}
      {rule.people && (
        <details data-testid="factor-people"><summary>{t('rule.people')}</summary>
          <ul class="tasks">{rule.people.map((p) => <li key={p.id} class="task" data-testid={`factor-of-${p.id}`} data-on={p.on}>{p.name}: {t(p.on ? 'rule.has' : 'rule.has-not')}</li>)}</ul></details>
      )}
      {me.roles.includes('admin') && <button type="button" class="quiet wide-button" data-testid="rule-change" onClick={() => setAsking(true)}>{t(rule.required ? 'rule.release' : 'rule.require')}</button>}
      {asking && <RuleSheet required={!rule.required} onClose={() => setAsking(false)} onDone={() => { setAsking(false); onTold(t('rule.set')); void load(); }} />}
    </section>
  );
}

function RuleSheet({ required, onClose, onDone }: { required: boolean; onClose(): void; onDone(): void }) {
  const { busy, trouble, act } = useAct();
  const save = () => act(async () => {
    await postOnce('/factor-rule', { required: required ? 'yes' : 'no' });
    onDone();
  }, ({ extras }) => (extras.reason === 'no-factor' ? t('rule.no-factor') : null));
  return (
    <Sheet title={t(required ? 'rule.require' : 'rule.release')} onClose={onClose} testid="rule-sheet">
      <p>{t(required ? 'rule.require-what' : 'rule.release-what')}</p>
      <Notice text={trouble} tone="bad" />
      <button type="button" class="primary big" data-testid="rule-save" disabled={busy} onClick={() => void save()}>{t(required ? 'rule.require' : 'rule.release')}</button>
    </Sheet>
  );
}
