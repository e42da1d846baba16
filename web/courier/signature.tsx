// signature.tsx: a field to sign on with a finger. Gives an SVG path on 300 × 150, nothing else.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../shared/text.ts';

const W = 300, H = 150, MOST = 18_000;

/** `first`: what is drawn already. */
export function Signature({ first, onChange }: { first: string; onChange(path: string): void }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const path = useRef(first);
  const down = useRef(false);
  useEffect(() => {
    const pen = canvas.current!.getContext('2d')!;
    pen.lineWidth = 3;
    pen.lineCap = 'round';
    pen.strokeStyle = '#1d2b1f';
    if (first) pen.stroke(new Path2D(first));
  }, []);
  const at = (e: PointerEvent): [number, number] => {
    const box = canvas.current!.getBoundingClientRect();
    const clamp = (v: number, most: number) => Math.round(Math.min(most, Math.max(0, v)));
    return [clamp(((e.clientX - box.left) / box.width) * W, W), clamp(((e.clientY - box.top) / box.height) * H, H)];
  };
  const begin = (e: PointerEvent) => {
    down.current = true;
    canvas.current!.setPointerCapture(e.pointerId);
    const [x, y] = at(e);
    path.current += `M${x} ${y}`;
    const pen = canvas.current!.getContext('2d')!;
    pen.beginPath();
    pen.moveTo(x, y);
  };
  const go = (e: PointerEvent) => {
    if (!down.current || path.current.length > MOST) return;
    const [x, y] = at(e), pen = canvas.current!.getContext('2d')!;
    path.current += `L${x} ${y}`;
    pen.lineTo(x, y);
    pen.stroke();
  };
  const end = () => { down.current = false; onChange(path.current.includes('L') ? path.current : ''); };
  const clear = () => { path.current = ''; canvas.current!.getContext('2d')!.clearRect(0, 0, W, H); onChange(''); };
  return (
    <div class="sign">
      <canvas ref={canvas} width={W} height={H} role="img" aria-label={t('courier.sign-here')} data-testid="sign"
        onPointerDown={begin} onPointerMove={go} onPointerUp={end} onPointerCancel={end} />
      <button type="button" class="quiet" onClick={clear}>{t('courier.sign-clear')}</button>
    </div>
  );
}
