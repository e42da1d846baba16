// nowhere.tsx: a stall that is not there, said in words, with the way back.
import { errorText, t } from '../shared/text.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';

export function Nowhere({ code }: { code: string }) {
  return (
    <Shell>
      <h1>Chợ Nương</h1>
      <Notice text={errorText(code)} tone="bad" />
      <a class="primary wide-button" href="/">{t('home.stalls')}</a>
    </Shell>
  );
}
