// log-out.tsx: leaving a phone that others use, too. Asked once more, since a farmer comes back in only with the cadre's help.
import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { forgetPhone } from '../leave.ts';
import { t } from '../text.ts';
import { useAct } from './act.ts';
import { Notice, Sheet } from './parts.tsx';

export function LogOut() {
  const [asking, setAsking] = useState(false);
  const { busy, trouble, act } = useAct();
  const leave = () => act(async () => {
    await post('/logout', {});
    await forgetPhone();
    location.assign('/login');
  });
  return (
    <>
      <button type="button" class="quiet wide-button no-print" data-testid="log-out" onClick={() => setAsking(true)}>{t('logout')}</button>
      {asking && (
        <Sheet title={t('logout.title')} onClose={() => setAsking(false)} testid="log-out-sheet">
          <p>{t('logout.what')}</p>
          <Notice text={trouble} tone="bad" />
          <button type="button" class="danger big" data-testid="log-out-sure" disabled={busy} onClick={() => void leave()}>{t('logout')}</button>
          <button type="button" class="quiet wide-button" onClick={() => setAsking(false)}>{t('logout.stay')}</button>
        </Sheet>
      )}
    </>
  );
}
