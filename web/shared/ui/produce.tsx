// produce.tsx: a small drawing for a lot without a photo, chosen by its name, so that the list can be "read" without
// letters. Our own drawings on a 48 grid.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { backoff } from '../backoff.ts';
import { onReturn } from '../page.ts';

type Kind = 'leaf' | 'root' | 'gourd' | 'chili' | 'fruit' | 'corn' | 'bamboo' | 'egg' | 'basket';

const WORDS: [Kind, RegExp][] = [
  ['root', /gừng|khoai|sắn|nghệ|củ|riềng|tỏi|hành|lạc|ginger|taro|potato|carrot/],
  ['gourd', /bí|bầu|dưa|su su|mướp|cà |pumpkin|squash|cucumber/],
  ['chili', /ớt|chilli|chili|pepper/],
  ['corn', /ngô|bắp|corn|nếp|gạo|lúa|rice/],
  ['bamboo', /măng|bamboo|mía/],
  ['egg', /trứng|gà|vịt|egg/],
  ['fruit', /mận|đào|cam|chanh|lê|quả|chuối|bưởi|xoài|mít|plum|peach|orange/],
  ['leaf', /cải|rau|xà lách|húng|lá|chè|đậu|salad|herb|tea|cabbage|bean/],
];

/** Which drawing fits a name; a basket when nothing does. */
export function produceKind(name: string): Kind {
  const low = `${name.normalize('NFC').toLowerCase()} `;
  return WORDS.find(([, words]) => words.test(low))?.[0] ?? 'basket';
}

const PICTURES: Record<Kind, JSX.Element> = {
  leaf: <g><path fill="#2f8f4e" d="M24 44C9 40 5 26 10 10c12 1 17 7 14 34z" /><path fill="#0a6b3d" d="M24 44c-3-27 2-33 15-34 4 16-1 30-15 34z" /><path stroke="#d9f0c8" stroke-width="2" fill="none" d="M24 43C22 30 18 20 13 14M24 43c2-13 6-22 11-28" /></g>,
  root: <g><path fill="#c98a3f" d="M8 26c0-8 8-11 14-8 2-8 10-10 13-4 3 5-1 9-4 10 8 0 12 6 9 12-4 7-13 3-16-1-3 6-16 4-16-9z" /><path stroke="#8d5a20" stroke-width="2" fill="none" stroke-linecap="round" d="M13 23c2 1 3 3 3 6M21 19c2 2 2 4 1 7M30 16c1 2 1 3 0 5M31 27c2 2 2 4 1 7" /></g>,
  gourd: <g><path fill="#e08a1e" d="M24 14c14-5 21 4 20 14-1 11-10 15-20 15S5 39 4 28C3 18 10 9 24 14z" /><path stroke="#a95d09" stroke-width="2" fill="none" d="M24 14v29M16 13c-6 8-6 22 0 29M32 13c6 8 6 22 0 29" /><path stroke="#2f6b34" stroke-width="4" fill="none" stroke-linecap="round" d="M24 14c0-4 1-7 5-9" /></g>,
  chili: <g><path fill="#c4161c" d="M16 13c8-3 13 2 15 9 2 8 5 14 12 19-14 2-26-4-29-17-1-5-1-9 2-11z" /><path fill="#2f8f4e" d="M11 15c0-5 4-8 9-7 3 1 4 4 3 6-4 0-8 0-12 1z" /><path stroke="#2f6b34" stroke-width="3" fill="none" stroke-linecap="round" d="M15 9c-1-3-3-5-6-5" /></g>,
  fruit: <g><circle cx="17" cy="30" r="12" fill="#9b2d4f" /><circle cx="32" cy="31" r="11" fill="#b8395c" /><path stroke="#2f6b34" stroke-width="3" fill="none" stroke-linecap="round" d="M17 19c2-6 6-9 10-12 2 5 4 9 5 14" /><path fill="#2f8f4e" d="M27 7c5-4 11-3 14 1-5 3-10 3-14-1z" /></g>,
  corn: <g><path fill="#f6b73c" d="M24 5c8 4 10 14 8 26l-8 10-8-10C14 19 16 9 24 5z" /><path stroke="#c98a13" stroke-width="1.500" fill="none" d="M20 10v26M24 7v32M28 10v26M16 17h16M15 23h18M16 29h16" /><path fill="#2f8f4e" d="M24 43C13 41 9 32 11 21c7 5 11 12 13 22zM24 43c11-2 15-11 13-22-7 5-11 12-13 22z" /></g>,
  bamboo: <g><path fill="#8fae3f" d="M24 4c8 10 11 22 12 38H12C13 26 16 14 24 4z" /><path fill="#6b8a2a" d="M24 4c2 12 1 25-2 38H12c9-10 12-22 12-38zM36 42c-4-6-7-12-8-18 5 4 7 11 8 18z" /></g>,
  egg: <g><ellipse cx="17" cy="29" rx="11" ry="14" fill="#f3dfc1" stroke="#c9a06a" stroke-width="2" /><ellipse cx="32" cy="31" rx="10" ry="12" fill="#e8c79a" stroke="#b98a50" stroke-width="2" /></g>,
  basket: <g><path fill="#c98a3f" d="M6 20h36l-5 22H11z" /><path stroke="#8d5a20" stroke-width="2" fill="none" d="M8 27h32M10 34h28M17 20l2 22M24 20v22M31 20l-2 22" /><path fill="#2f8f4e" d="M12 20c-2-8 4-13 9-8 2-7 11-7 12 0 5-2 8 3 5 8z" /></g>,
};

const AGAIN = { firstMs: 2000, maxMs: 60_000 };
const TRIES = 6;              // two minutes; then it is asked for when the phone finds the network again or the page is looked at again

/** The photo; while it cannot be had, the drawing. What got lost on the way is asked for again. */
export function Produce({ name, picture }: { name: string; picture: string | null }) {
  const [missing, setMissing] = useState<string | null>(null);
  const tries = useRef(0);
  useEffect(() => { tries.current = 0; }, [picture]);
  useEffect(() => {
    if (!missing || missing !== picture) return;
    const again = () => setMissing(null);
    const timer = tries.current < TRIES ? setTimeout(again, backoff(AGAIN, ++tries.current)) : undefined;
    const stop = onReturn(again);
    return () => { clearTimeout(timer); stop(); };
  }, [missing, picture]);
  if (picture && picture !== missing) return <img class="produce" src={picture} alt={name} width="72" height="72" loading="lazy" decoding="async" onError={() => setMissing(picture)} />;
  return <svg class="produce" viewBox="0 0 48 48" aria-hidden="true" focusable="false">{PICTURES[produceKind(name)]}</svg>;
}
