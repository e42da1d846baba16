// pages.mjs: the page templates. The market replaces <!--og--> with link-preview tags and <!--state--> with the page's
// first data, and may change lang on <html>. Nothing here may be inline script or style: the CSP forbids both.

/** page → template file, bundle, title. One bundle per role: what a buyer needs is loaded once for all buyer's pages. */
export const PAGES = [
  { file: 'index.html', page: 'home', route: '/', role: 'buyer', title: 'Chợ Nương' },
  { file: 'stall.html', page: 'stall', route: '/s/{slug}', role: 'buyer', title: 'Chợ Nương' },
  { file: 'order.html', page: 'order', route: '/orders/{code}', role: 'buyer', title: 'Đơn hàng · Chợ Nương' },
  { file: 'login.html', page: 'login', route: '/login', role: 'door', title: 'Đăng nhập · Chợ Nương' },
  { file: 'factor.html', page: 'factor', route: '/factor', role: 'door', title: 'Bảo vệ hai lớp · Chợ Nương' },
  { file: 'link.html', page: 'link', route: '/l/{code}', role: 'door', title: 'Vào chợ · Chợ Nương' },
  { file: 'golive.html', page: 'golive', route: '/golive', role: 'farmer', title: 'Phát trực tiếp · Chợ Nương' },
  { file: 'sessions.html', page: 'sessions', route: '/sessions', role: 'cadre', title: 'Các phiên · Chợ Nương' },
  { file: 'courier.html', page: 'courier', route: '/courier', role: 'courier', title: 'Chuyến giao · Chợ Nương' },
  { file: 'trips.html', page: 'trips', route: '/trips', role: 'courier', title: 'Các chuyến giao · Chợ Nương' },
  { file: 'money.html', page: 'money', route: '/money', role: 'money', title: 'Tiền · Chợ Nương' },
  { file: 'goods.html', page: 'goods', route: '/goods', role: 'goods', title: 'Hàng của tôi · Chợ Nương' },
  { file: 'labels.html', page: 'labels', route: '/labels', role: 'goods', title: 'Nhãn hàng · Chợ Nương' },
  { file: 'origin.html', page: 'origin', route: '/o/{id}', role: 'goods', title: 'Nguồn gốc · Chợ Nương' },
  { file: 'statement.html', page: 'statement', route: '/statement', role: 'money', title: 'Sổ tiền · Chợ Nương' },
];

/** What stands there until the script has come, which over one bar takes seconds: whose page it is, and that it is opening. The language
 *  is the one the market wrote into <html>. */
const coming = (opening) => `<div class="coming" aria-hidden="true"><div class="top"><span class="brand"><svg class="brand-mark" viewBox="0 0 32 32"><circle cx="22" cy="9" r="5" fill="#f6b73c"/><path fill="#2f8f4e" d="M2 16c8-6 14-4 28-1v15H2z"/></svg><span>Chợ Nương</span></span></div>
<p class="opening">${Object.entries(opening).map(([lang, words]) => `<span lang="${lang}">${words}</span>`).join('')}</p></div>`;

/** assets: logical name → public path; opening: language → the word for a page that is on its way. */
export function pageHtml({ page, role, title }, assets, opening) {
  return `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>${title}</title>
<!--og-->
<meta name="theme-color" content="#0a6b3d">
<meta name="format-detection" content="telephone=no">
<link rel="stylesheet" href="${assets[`${role}.css`]}">
<script type="module" src="${assets[`${role}.js`]}"></script>
<link rel="icon" type="image/svg+xml" href="${assets['icon.svg']}">
<link rel="apple-touch-icon" href="${assets['icon-192.png']}">
<link rel="manifest" href="${assets['manifest.webmanifest']}">
</head>
<body data-page="${page}">
<div id="app"></div>
${coming(opening)}
<noscript><p class="noscript">Trang này cần JavaScript. · This page needs JavaScript. · Cette page a besoin de JavaScript.</p></noscript>
<!--state-->
</body>
</html>
`;
}

export function manifest(assets) {
  return JSON.stringify({
    name: 'Chợ Nương', short_name: 'Chợ Nương', lang: 'vi', start_url: '/', display: 'standalone',
    background_color: '#fff7e6', theme_color: '#0a6b3d',
    icons: [
      { src: assets['icon.svg'], type: 'image/svg+xml', sizes: 'any' },
      { src: assets['icon-192.png'], type: 'image/png', sizes: '192x192', purpose: 'any maskable' },
      { src: assets['icon-512.png'], type: 'image/png', sizes: '512x512', purpose: 'any maskable' },
    ],
  });
}
