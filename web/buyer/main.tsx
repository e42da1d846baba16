// main.tsx: start of the buyer's pages: the list of stalls, one stall, one order.
import { render } from 'preact';
import { firstState, pathPart } from '../shared/page.ts';
import { loadLanguage } from '../shared/text.ts';
import type { Order, Snapshot } from '../shared/types.ts';
import { Home } from './home.tsx';
import { OrderPage } from './order-page.tsx';
import { StallPage } from './stall.tsx';
import { Watcher } from './watcher.ts';

async function start(): Promise<void> {
  const root = document.getElementById('app')!;
  const page = document.body.dataset.page;
  const slug = pathPart();
  if (page === 'stall') {
    const first = firstState<Snapshot>();
    const watcher = new Watcher(slug, first);      // the video's way is the longest: it starts before anything is drawn
    await loadLanguage();
    render(<StallPage slug={slug} first={first} watcher={watcher} />, root);
    return;
  }
  await loadLanguage();
  if (page === 'order') render(<OrderPage code={slug} first={firstState<{ order: Order }>()?.order ?? null} />, root);
  else render(<Home />, root);
}

void start();
