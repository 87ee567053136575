// The page under test: one JsSIP user agent with a tone generator for a microphone and instruments
// on what it hears. The driver calls the functions of window.peer.
const JsSIP = require('jssip');

const dtmfLow = [697, 770, 852, 941];
const dtmfHigh = [1209, 1336, 1477, 1633];
const dtmfKeys = ['123A', '456B', '789C', '*0#D'];

// session is the call that was made or came in last; sessions are all, by the order they came.
const peer = { ua: null, session: null, sessions: [], incoming: null, ctx: null, mic: null, gain: null };
window.peer = peer;
const tell = (event, detail = {}) => window.tell(JSON.stringify({ event, at: performance.timeOrigin + performance.now(), ...detail }));

// microphone returns a MediaStream that carries a sine of hz.
function microphone(hz) {
  peer.hz = hz;
  peer.ctx = peer.ctx || new AudioContext({ sampleRate: 48000 });
  const osc = peer.ctx.createOscillator();
  peer.gain = peer.ctx.createGain();
  peer.gain.gain.value = hz ? 0.4 : 0;
  osc.frequency.value = hz || 440;
  const out = peer.ctx.createMediaStreamDestination();
  osc.connect(peer.gain).connect(out);
  osc.start();
  return out.stream;
}

peer.register = ({ urls, uri, password, options }) => {
  const ua = new JsSIP.UA({
    sockets: urls.map((u) => new JsSIP.WebSocketInterface(u)),
    uri, password, session_timers: false, ...(options || {}),
  });
  peer.ua = ua;
  ua.on('connected', () => tell('connected'));
  ua.on('disconnected', (e) => tell('disconnected', { error: String(e.error), cause: `${e.code} ${e.reason}` }));
  ua.on('registered', () => tell('registered'));
  ua.on('unregistered', (e) => tell('unregistered', { cause: e && e.cause }));
  ua.on('registrationFailed', (e) => tell('registrationFailed', { cause: e.cause }));
  ua.on('newRTCSession', (e) => {
    if (e.originator === 'local') return;
    peer.incoming = e.session;
    watch(e.session);
    tell('incoming', { from: e.request.from.uri.toString(), name: e.request.from.display_name });
  });
  ua.on('newMessage', (e) => {
    if (e.originator === 'remote') tell('message', { from: e.request.from.uri.toString(), text: e.request.body, type: e.request.getHeader('Content-Type') });
  });
  ua.start();
};

// many registers count phones, for measuring what one of them takes.
peer.many = ({ url, domain, password, count }) => {
  peer.phones = Array.from({ length: count }, (_, i) => {
    const ua = new JsSIP.UA({ sockets: [new JsSIP.WebSocketInterface(url)], uri: `sip:page${i}@${domain}`, password });
    ua.on('registered', () => tell('registered'));
    ua.start();
    return ua;
  });
};

function watch(session) {
  session.on('sending', () => tell('sending'));
  session.on('progress', () => tell('progress'));
  session.on('accepted', () => tell('accepted'));
  session.on('confirmed', () => tell('confirmed'));
  session.on('ended', (e) => tell('ended', { cause: e.cause, originator: e.originator }));
  session.on('failed', (e) => tell('failed', { cause: e.cause, originator: e.originator, status: e.message && e.message.status_code }));
  session.on('newDTMF', (e) => { if (e.originator === 'remote') tell('dtmf', { tone: e.dtmf.tone }); });
  session.on('hold', (e) => tell('hold', { originator: e.originator }));
  session.on('unhold', (e) => tell('unhold', { originator: e.originator }));
  session.on('reinvite', () => tell('reinvite'));
  session.on('update', () => tell('update'));
  session.on('refer', (e) => {
    tell('refer', { target: e.request.refer_to.uri.toString() });
    if (peer.refuseTransfer) { e.reject(); return; }
    e.accept((made) => watch(made), { mediaStream: microphone(peer.hz), mediaConstraints: audioOnly, pcConfig });
  });
  session.on('replaces', (e) => {
    tell('replaces');
    e.accept((made) => {
      peer.incoming = made;
      watch(made);
      made.answer({ mediaStream: microphone(peer.hz), mediaConstraints: audioOnly, pcConfig });
    });
  });
  const listen = (pc) => pc.addEventListener('track', (e) => hear(e.streams[0] || new MediaStream([e.track])));
  if (session.connection) listen(session.connection);
  session.on('peerconnection', (e) => listen(e.peerconnection));
  peer.session = session;
  peer.sessions.push(session);
}

// hear plays the far end into an analyser and a recorder. Chromium delivers remote sound to WebAudio
// only while an element plays the stream, too.
async function hear(stream) {
  const el = new Audio();
  el.srcObject = stream;
  el.muted = !peer.bare;
  el.play();
  peer.element = el;
  if (peer.bare) { tell('track'); return; }
  peer.ctx = peer.ctx || new AudioContext({ sampleRate: 48000 });
  const src = peer.ctx.createMediaStreamSource(stream);
  peer.fine = peer.ctx.createAnalyser();
  peer.fine.fftSize = 8192;
  peer.fine.smoothingTimeConstant = 0;
  peer.fast = peer.ctx.createAnalyser();
  peer.fast.fftSize = 2048;
  peer.fast.smoothingTimeConstant = 0;
  src.connect(peer.fine);
  src.connect(peer.fast);
  const code = `registerProcessor('tap', class extends AudioWorkletProcessor {
    process(i) { if (i[0][0]) this.port.postMessage(i[0][0].slice(0)); return true; } });`;
  await peer.ctx.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
  const tap = new AudioWorkletNode(peer.ctx, 'tap');
  peer.recording = [];
  tap.port.onmessage = (e) => { if (peer.recording.length < 48000 * 120 / 128) peer.recording.push(e.data); };
  src.connect(tap);
  tell('track');
}

const pcConfig = { iceServers: [] };
const audioOnly = { audio: true, video: false };

// plain leaves the instruments out, for measuring what a page as such costs.
peer.plain = () => { peer.bare = true; };

peer.call = ({ target, hz, iceServers }) => {
  const mediaStream = microphone(hz);
  tell('calling');
  watch(peer.ua.call(target, { mediaStream, mediaConstraints: audioOnly, pcConfig: { iceServers: iceServers || [] } }));
};
peer.answer = ({ hz }) => peer.incoming.answer({ mediaStream: microphone(hz), mediaConstraints: audioOnly, pcConfig });
peer.decline = ({ code }) => peer.incoming.terminate({ status_code: code || 603 });
peer.hangup = () => peer.session.terminate();
peer.hold = () => peer.session.hold();
peer.unhold = () => peer.session.unhold();
peer.select = ({ index }) => { peer.session = peer.sessions[index]; };
// refer transfers the present call to target, or to the far end of another call of this phone.
peer.refer = ({ target, index }) => void peer.session.refer(index === undefined ? target : peer.sessions[index].remote_identity.uri, {
  ...(index === undefined ? {} : { replaces: peer.sessions[index] }),
  eventHandlers: {
    requestSucceeded: () => tell('referTaken'),
    requestFailed: (e) => tell('referRefused', { cause: e.cause }),
    trying: () => tell('referTrying'),
    progress: () => tell('referProgress'),
    accepted: () => tell('referAccepted'),
    failed: (e) => tell('referFailed', { status: e.status_line && e.status_line.status_code }),
  },
});
peer.refuseTransfers = () => { peer.refuseTransfer = true; };
peer.message = ({ target, text }) => void peer.ua.sendMessage(target, text, {
  eventHandlers: { succeeded: () => tell('messageSent'), failed: (e) => tell('messageFailed', { cause: e.cause }) },
});
// renegotiate sends a re-INVITE, or an UPDATE, with a new offer.
peer.renegotiate = ({ useUpdate, iceRestart }) => peer.session.renegotiate(
  { useUpdate, rtcOfferConstraints: { iceRestart } }, () => tell('renegotiated'));
peer.mute = ({ on }) => { peer.gain.gain.value = on ? 0 : 0.4; };
peer.dtmf = ({ tones, transport }) => peer.session.sendDTMF(tones, { transportType: transport, duration: 160, interToneGap: 120 });
peer.unregister = () => peer.ua.unregister();
peer.stop = () => peer.ua.stop();

const pause = (ms) => new Promise((r) => setTimeout(r, ms));

// instruments waits until the far end's sound is connected to them.
async function instruments() {
  const until = performance.now() + 10000;
  while (!peer.recording && performance.now() < until) await pause(10);
  if (!peer.recording) throw new Error('no sound has come from the far end in 10 s');
}

// tone tells the strongest frequency heard over ms and its level in dB.
peer.tone = async ({ ms }) => {
  await instruments();
  const bins = new Float32Array(peer.fine.frequencyBinCount);
  let best = { hz: 0, db: -200 };
  const until = performance.now() + ms;
  while (performance.now() < until) {
    await pause(50);
    peer.fine.getFloatFrequencyData(bins);
    let at = 3;
    for (let i = 3; i < bins.length; i++) if (bins[i] > bins[at]) at = i;
    best = { hz: at * peer.ctx.sampleRate / peer.fine.fftSize, db: Math.max(-200, bins[at]) }; // silence is -Infinity
  }
  return best; // of the last window: what is heard now
};

// digits listens for ms and tells the DTMF keys heard as sound.
peer.digits = async ({ ms }) => {
  await instruments();
  const bins = new Float32Array(peer.fast.frequencyBinCount);
  const level = (hz) => bins[Math.round(hz * peer.fast.fftSize / peer.ctx.sampleRate)];
  const strongest = (group) => group.reduce((a, f, i) => (level(f) > level(group[a]) ? i : a), 0);
  let heard = '', last = '', run = 0;
  const until = performance.now() + ms;
  while (performance.now() < until) {
    await pause(10);
    peer.fast.getFloatFrequencyData(bins);
    const l = strongest(dtmfLow), h = strongest(dtmfHigh);
    const loud = level(dtmfLow[l]) > -50 && level(dtmfHigh[h]) > -50;
    const key = loud ? dtmfKeys[l][h] : '';
    run = key === last ? run + 1 : 1;
    last = key;
    if (key && run === 3) heard += key;
  }
  return heard;
};

peer.stats = async () => {
  const out = {};
  (await peer.session.connection.getStats()).forEach((r) => {
    if (r.type === 'inbound-rtp') Object.assign(out, { received: r.packetsReceived, lost: r.packetsLost, jitter: r.jitter, concealed: r.concealedSamples });
    if (r.type === 'outbound-rtp') out.sent = r.packetsSent;
    if (r.type === 'codec') out.codec = r.mimeType;
  });
  return out;
};

// record returns what was heard as 16-bit PCM at 48 kHz in base64.
peer.record = () => {
  const chunks = peer.recording || [];
  const pcm = new Int16Array(chunks.length * 128);
  chunks.forEach((c, n) => c.forEach((v, i) => { pcm[n * 128 + i] = Math.max(-32768, Math.min(32767, v * 32767)); }));
  const bytes = new Uint8Array(pcm.buffer);
  let s = '';
  for (let i = 0; i < bytes.length; i += 32768) s += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(s);
};
