// main.tsx: start of the goods' pages: what a farmer says of his lots, labels to print, and where a lot comes from.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { pathPart } from '../shared/page.ts';
import { errorText, loadLanguage, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import { GoodsPage } from './goods.tsx';
import { LabelsPage } from './labels.tsx';
import { OriginPage } from './origin.tsx';

/** Which stall: the asked one, or the farmer's own. */
function Goods() {
  const [slug, setSlug] = useState(new URLSearchParams(location.search).get('stall'));
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    get<{ person: Person | null }>('/me').then(({ person }) => {
      if (!person) location.replace(`/login?to=${encodeURIComponent('/goods')}`);
      else if (!slug) person.stalls?.[0] ? setSlug(person.stalls[0]) : setTrouble(t('go.no-stall'));
    }, (e: Problem) => setTrouble(errorText(e.code)));
  }, []);
  if (slug) return <GoodsPage slug={slug} />;
  return <Shell><h1>{t('goods.title')}</h1><Notice text={trouble} tone="bad" /></Shell>;
}

void loadLanguage().then(() => {
  const page = document.body.dataset.page;
  render(page === 'origin' ? <OriginPage lot={Number(pathPart())} /> : page === 'labels' ? <LabelsPage /> : <Goods />, document.getElementById('app')!);
});
