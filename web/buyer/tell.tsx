// tell.tsx: "tell me": news of an order, or of a place in line, on a phone that sleeps, where browser and person allow it.
// Elsewhere the open page tells.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, post } from '../shared/api.ts';
import { keeper } from '../shared/keeper.ts';
import { dropFor, keepFor, keptFor } from '../shared/kept.ts';
import { newKey } from '../shared/key.ts';
import { phoneKeep } from '../shared/store.ts';
import { language, t } from '../shared/text.ts';
import { Icon } from '../shared/ui/icons.tsx';

type Stand = 'off' | 'busy' | 'on' | 'denied' | 'failed';
const LIST = 'cx.tell';
const able = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

/** A subscription made with this market's key; one with another key is of no use and goes. */
async function subscribe(key: string): Promise<PushSubscription> {
  const { pushManager } = await keeper('/orders/');
  const wish = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await pushManager.subscribe(wish);
  } catch (e) {
    const old = await pushManager.getSubscription();
    if (!old) throw e;
    await old.unsubscribe();
    return pushManager.subscribe(wish);
  }
}

async function turnOn(path: string): Promise<void> {
  const { key } = await get<{ key: string | null }>('/push');
  if (!key) throw new Error('no push here');
  const { endpoint, keys } = (await subscribe(key)).toJSON();
  await post(path, { key: newKey(), endpoint, p256dh: keys?.p256dh, auth: keys?.auth, lang: language() });
}

/** What may be told of: its door, the name this phone remembers it by, its words. */
interface About { path: string; name: string; words: 'order' | 'turn' }
export const aboutOrder = (code: string): About => ({ path: `/orders/${encodeURIComponent(code)}/push`, name: code, words: 'order' });
export const aboutTurn = (wait: number): About => ({ path: `/waits/${wait}/push`, name: `wait-${wait}`, words: 'turn' });

export function Tell({ about: { path, name, words } }: { about: About }) {
  const [stand, setStand] = useState<Stand>(() => (keptFor(phoneKeep, LIST, name) ? 'on' : able() && Notification.permission === 'denied' ? 'denied' : 'off'));
  useEffect(() => {                        // browsers change their address now and then: said again at each visit
    if (stand === 'on' && able() && navigator.onLine) turnOn(path).catch(() => {});
  }, [path]);
  if (!able()) return null;

  const on = async () => {
    setStand('busy');
    if ((await Notification.requestPermission()) !== 'granted') return setStand('denied');
    try {
      await turnOn(path);
      keepFor(phoneKeep, LIST, name, true, Date.now());
      setStand('on');
    } catch {
      setStand('failed');
    }
  };
  const off = async () => {
    setStand('busy');
    try {
      await ask('DELETE', path);
      dropFor(phoneKeep, LIST, name);
      setStand('off');
    } catch {
      setStand('on');
    }
  };
  return (
    <section class={words === 'order' ? 'block tell' : 'tell'} aria-label={t('tell.title')} data-testid="tell" data-stand={stand}>
      {stand === 'on' ? (
        <>
          <p role="status"><Icon name="check" /> {t(`tell.on-${words}`)}</p>
          <button type="button" class="quiet wide-button" data-testid="tell-off" onClick={() => void off()}>{t('tell.stop')}</button>
        </>
      ) : stand === 'denied' || stand === 'failed' ? <p role="status" class="soft">{t(`tell.${stand}`)}</p> : (
        <button type="button" class="quiet wide-button" data-testid="tell-on" disabled={stand === 'busy'} onClick={() => void on()}><Icon name="sound" />{t(`tell.ask-${words}`)}</button>
      )}
    </section>
  );
}
