// time.ts: clock times and dates as said in Việt Nam: 24 hours, day before month, the commune's own zone.

const ZONE = 'Asia/Ho_Chi_Minh';
const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE, day: 'numeric', month: 'numeric', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});

function split(ms: number): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(ms).map((p) => [p.type, p.value]));
}

/** "07:30" */
export function clock(ms: number): string {
  const p = split(ms);
  return `${p.hour}:${p.minute}`;
}

/** "24/11/2026" */
export function day(ms: number): string {
  const p = split(ms);
  return `${p.day}/${p.month}/${p.year}`;
}

/** Today only the time, else time and date: "07:30" or "07:30, 24/11/2026". */
export function moment(ms: number, now: number): string {
  return day(ms) === day(now) ? clock(ms) : `${clock(ms)}, ${day(ms)}`;
}

/** "thứ Sáu", "Friday", in the page's language. */
export function weekday(ms: number): string {
  return new Intl.DateTimeFormat(document.documentElement.lang || 'vi', { timeZone: ZONE, weekday: 'long' }).format(ms);
}
