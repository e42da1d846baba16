// origin.tsx: what the code on a label opens: whose field, when it was picked, the minute of the stream, the papers.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { errorText, t } from '../shared/text.ts';
import { day, moment, weekday } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { IconLine, Notice, Shell } from '../shared/ui/parts.tsx';
import { Produce } from '../shared/ui/produce.tsx';
import type { Origin } from './types.ts';

export function OriginPage({ lot: id }: { lot: number }) {
  const [from, setFrom] = useState<Origin | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    get<Origin>(`/lots/${id}/origin`).then(setFrom, (e: Problem) => setTrouble(errorText(e.code)));
  }, [id]);
  if (!from) return <Shell><h1>{t('from.title')}</h1><Notice text={trouble} tone="bad" /></Shell>;
  const { lot, stall, origin, certificates, video } = from;
  return (
    <Shell say={`${lot.name}. ${stall.farmer?.name ?? ''}, ${stall.village}. ${origin.plot}`}>
      <div class="from-head"><Produce name={lot.name} picture={lot.picture} /><div><h1 data-testid="from-name">{lot.name}</h1><p>{money(lot.price)}/{t(`unit.${lot.unit}`)}</p></div></div>
      <section class="block paper" aria-label={t('from.title')} data-testid="from">
        <IconLine icon="person"><span data-testid="from-farmer">{stall.farmer?.name}</span> · {stall.name}</IconLine>
        <IconLine icon="pin"><span data-testid="from-plot">{[origin.plot, stall.village].filter(Boolean).join(', ')}</span></IconLine>
        {origin.picked_at ? <IconLine icon="clock"><span data-testid="from-picked">{t('from.picked', { time: moment(origin.picked_at, 0) })}</span></IconLine>
          : origin.pick_at && <IconLine icon="clock"><span data-testid="from-pick">{t('from.pick', { day: `${weekday(origin.pick_at)} ${day(origin.pick_at)}` })}</span></IconLine>}
        {origin.moment_at && !video && <IconLine icon="play">{t('from.seen', { time: moment(origin.moment_at, 0) })}</IconLine>}
      </section>
      {video && <Minute url={video.url} fromMs={video.from_ms} at={origin.moment_at ?? 0} />}
      {certificates.length > 0 && (
        <section class="block" aria-labelledby="papers"><h2 id="papers">{t('from.papers')}</h2>
          <ul class="papers">{certificates.map((c) => (
            <li key={c.id}><a class="quiet wide-button" data-testid={`paper-${c.id}`} href={`/api/v1/certificates/${c.id}`}><Icon name="check" />{t(`paper.${c.kind}`)} · {day(c.at)}</a></li>
          ))}</ul>
        </section>
      )}
      <a class="primary wide-button" href={`/s/${stall.slug}`}>{t('back-to-stall')}</a>
    </Shell>
  );
}

/** The recording, from the moment the farmer pointed at. What cannot be played (deleted since, no such decoder) is said, and can be asked for again. */
function Minute({ url, fromMs, at }: { url: string; fromMs: number; at: number }) {
  const ref = useRef<HTMLVideoElement>(null);
  const [lost, setLost] = useState(false);
  const again = () => { setLost(false); ref.current!.load(); };
  useEffect(() => {
    const video = ref.current!;
    const seek = () => { video.currentTime = fromMs / 1000; };
    video.addEventListener('loadedmetadata', seek);
    return () => video.removeEventListener('loadedmetadata', seek);
  }, [fromMs]);
  return (
    <section class="block" aria-labelledby="minute"><h2 id="minute">{t('from.watch', { time: moment(at, 0) })}</h2>
      <video ref={ref} class="minute" hidden={lost} onError={() => setLost(true)} data-testid="from-video" data-from={fromMs} controls playsInline preload="metadata" src={`${url}#t=${Math.floor(fromMs / 1000)}`} aria-label={t('from.watch', { time: moment(at, 0) })} />
      {lost && <div data-testid="from-lost"><Notice text={t('from.lost')} tone="bad" /><button type="button" class="quiet wide-button" data-testid="from-again" onClick={again}>{t('from.again')}</button></div>}
    </section>
  );
}
