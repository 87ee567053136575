// Drives JsSIP phones in headless Chromium: one JSON command a line on standard input, one JSON
// result or event a line on standard output.
//
//   {"id":1,"page":"bob","op":"open"}            -> {"id":1,"result":null}
//   {"id":2,"page":"bob","op":"register",...}    -> {"id":2,...}, later {"page":"bob","event":"registered",...}
const { chromium } = require('playwright-core');
const http = require('http');
const fs = require('fs');
const readline = require('readline');

const say = (o) => process.stdout.write(JSON.stringify(o) + '\n');
const bundle = fs.readFileSync(process.argv[2]);

(async () => {
  const server = http.createServer((q, r) => {
    if (q.url === '/page.js') { r.setHeader('content-type', 'text/javascript'); r.end(bundle); return; }
    r.setHeader('content-type', 'text/html');
    r.end('<!doctype html><meta charset="utf-8"><title>peer</title><script src="/page.js"></script>');
  }).listen(0, '127.0.0.1');
  await new Promise((r) => server.once('listening', r));
  const origin = `http://localhost:${server.address().port}/`;
  // With PEER_DEVICES the pages may have the machine's microphone and loudspeaker.
  const devices = Boolean(process.env.PEER_DEVICES);
  const browser = await chromium.launch({
    ignoreDefaultArgs: devices ? ['--mute-audio'] : [],
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--use-fake-ui-for-media-stream', ...(devices ? [] : ['--use-fake-device-for-media-stream']),
      '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection',
      '--disable-features=WebRtcHideLocalIpsWithMdns', '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding', '--disable-background-timer-throttling'],
  });
  const pages = {};
  const open = async (name) => {
    const page = await (await browser.newContext()).newPage();
    await page.exposeFunction('tell', (line) => say({ page: name, ...JSON.parse(line) }));
    page.on('pageerror', (e) => say({ page: name, event: 'pageerror', error: String(e) }));
    if (process.env.JSSIP_LOG) page.on('console', (m) => process.stderr.write(`${name}: ${m.text()}\n`));
    await page.goto(origin);
    pages[name] = page;
  };
  const wav = (file, base64) => {
    const pcm = Buffer.from(base64, 'base64');
    const head = Buffer.alloc(44);
    head.write('RIFF', 0); head.writeUInt32LE(36 + pcm.length, 4); head.write('WAVEfmt ', 8);
    head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22);
    head.writeUInt32LE(48000, 24); head.writeUInt32LE(96000, 28); head.writeUInt16LE(2, 32);
    head.writeUInt16LE(16, 34); head.write('data', 36); head.writeUInt32LE(pcm.length, 40);
    fs.writeFileSync(file, Buffer.concat([head, pcm]));
    return pcm.length;
  };
  const run = async (c) => {
    if (c.op === 'open') return open(c.page);
    if (c.op === 'close') { const p = pages[c.page]; delete pages[c.page]; return p.context().close(); }
    const result = await pages[c.page].evaluate(([op, arg]) => window.peer[op](arg), [c.op, c]);
    return c.op === 'record' ? wav(c.file, result) : result;
  };
  say({ event: 'ready', version: browser.version() });
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const c = JSON.parse(line);
    run(c).then((result) => say({ id: c.id, result: result === undefined ? null : result }),
      (e) => say({ id: c.id, error: String(e) }));
  });
  lines.on('close', async () => { await browser.close(); server.close(); process.exit(0); });
})().catch((e) => { say({ event: 'fatal', error: String(e) }); process.exit(1); });
