// icons.tsx: our own line icons on a 24 grid, drawn with the text's colour. Always decoration: words stand beside them
// or in the button's label.

const LINES = {
  sound: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  mute: 'M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  camera: 'M4 8h3.500l1.500-2.500h6L16.500 8H20v10.500H4zM12 9.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7z',
  plus: 'M12 5v14M5 12h14',
  down: 'M6 9.5l6 6 6-6',
  minus: 'M5 12h14',
  check: 'M4.5 12.5l5 5 10-11',
  close: 'M6 6l12 12M18 6L6 18',
  flip: 'M4 8h3l1.5-2.5h7L17 8h3v10.5H4zM9 14.5a3 3 0 0 0 5.6 1M15 12a3 3 0 0 0-5.6-1M15.3 17.6l-.6-2.1 2.1-.6M8.7 8.9l.6 2.1-2.1.6',
  mic: 'M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3zM6 11.5a6 6 0 0 0 12 0M12 17.5v3.5',
  micoff: 'M9 9.5v2a3 3 0 0 0 4.8 2.4M15 11V6.500a3 3 0 0 0-5.7-1.300M6 11.5a6 6 0 0 0 9.500 4.900M12 17.5v3.500M4 4l16 16',
  full: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  phone: 'M5 4h4l1.5 5L8 10.500a11 11 0 0 0 5.500 5.500L15 13.500l5 1.500v4a1.500 1.500 0 0 1-1.600 1.500A15.500 15.500 0 0 1 3.500 5.600 1.500 1.500 0 0 1 5 4z',
  pin: 'M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11zM12 7.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z',
  pause: 'M8.500 5v14M15.500 5v14',
  play: 'M7.500 4.500v15l12-7.500z',
  stop: 'M6 6h12v12H6z',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500M20 14v6h-3M14 20h.01',
  clock: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 7.500V12l3 2',
  basket: 'M3.500 10h17l-2 9.500h-13zM8 10l3-6M16 10l-3-6M9.500 13.500v3M14.500 13.500v3',
  wifi: 'M2.500 9a14 14 0 0 1 19 0M5.500 12.500a9.500 9.500 0 0 1 13 0M8.500 16a5 5 0 0 1 7 0M12 19.500h.01',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.500 20.500a7.500 7.500 0 0 1 15 0',
  ear: 'M7 9.500a5 5 0 0 1 10 0c0 4-4 4.500-4 8a3 3 0 0 1-5.500 1.500M10 10a2 2 0 0 1 4 0c0 1.500-1.500 2-2 3',
  leaf: 'M5 19c0-9 5-14 15-14 0 9-4 14-12 14-1.500 0-3 0-3 0zM5 19c2-5 5-7.500 9-9',
} as const;

export type IconName = keyof typeof LINES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={LINES[name]} />
    </svg>
  );
}
