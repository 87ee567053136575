// The page under test: one JsSIP user agent with a tone generator for a microphone and instruments
// on what it hears. The driver calls the functions of window.peer.
const JsSIP = require('jssip');
const instruments = require('./instruments');

// session is the call that was made or came in last; sessions are all, by the order they came.
const peer = { ua: null, session: null, sessions: [], incoming: null, ctx: null, mic: null, gain: null };
window.peer = peer;
const tell = (event, detail = {}) => window.tell(JSON.stringify({ event, at: performance.timeOrigin + performance.now(), ...detail }));
const { microphone, hear } = instruments(peer, tell);

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

// preferred has the audio formats of these names come first in a description, in that order.
function preferred(sdp, names) {
  const name = {};
  for (const [, number, n] of sdp.matchAll(/a=rtpmap:(\d+) ([^/]+)/g)) name[number] = n.toLowerCase();
  const rank = (number) => (names.indexOf(name[number]) + names.length + 1) % (names.length + 1);
  return sdp.replace(/(m=audio \S+ \S+ )([\d ]+)/, (_, head, numbers) => head
    + numbers.trim().split(' ').sort((a, b) => rank(a) - rank(b)).join(' '));
}

function watch(session) {
  session.on('sdp', (e) => { if (peer.codecs && e.originator === 'remote') e.sdp = preferred(e.sdp, peer.codecs); });
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
  const listen = (pc) => {
    pc.addEventListener('track', (e) => hear(e.streams[0] || new MediaStream([e.track])));
    pc.addEventListener('connectionstatechange', () => { if (pc.connectionState === 'connected') tell('secured'); });
  };
  if (session.connection) listen(session.connection);
  session.on('peerconnection', (e) => listen(e.peerconnection));
  peer.session = session;
  peer.sessions.push(session);
}

const pcConfig = { iceServers: [] };
const audioOnly = { audio: true, video: false };

peer.call = ({ target, hz, iceServers }) => {
  const mediaStream = microphone(hz);
  tell('calling');
  watch(peer.ua.call(target, { mediaStream, mediaConstraints: audioOnly, pcConfig: { iceServers: iceServers || [] } }));
};
peer.answer = ({ hz }) => peer.incoming.answer({ mediaStream: microphone(hz), mediaConstraints: audioOnly, pcConfig });
// prefer has this phone send by the first of these formats that the far end takes: names in small letters.
peer.prefer = ({ codecs }) => { peer.codecs = codecs; };
peer.decline = ({ code }) => peer.incoming.terminate({ status_code: code || 603 });
peer.hangup = () => peer.session.terminate();
peer.hold = () => peer.session.hold();
peer.unhold = () => peer.session.unhold();
peer.leave = () => { if (!peer.session.isEnded()) peer.session.terminate(); };
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
peer.dtmf = ({ tones, transport }) => peer.session.sendDTMF(tones, { transportType: transport, duration: 160, interToneGap: 120 });
peer.unregister = () => peer.ua.unregister();
peer.stop = () => peer.ua.stop();

peer.stats = async () => {
  const out = {};
  (await peer.session.connection.getStats()).forEach((r) => {
    if (r.type === 'inbound-rtp') Object.assign(out, { received: r.packetsReceived, lost: r.packetsLost, jitter: r.jitter, concealed: r.concealedSamples, samples: r.totalSamplesReceived, waited: r.jitterBufferDelay, emitted: r.jitterBufferEmittedCount });
    if (r.type === 'outbound-rtp') out.sent = r.packetsSent;
    if (r.type === 'codec') out.codec = r.mimeType;
  });
  return out;
};

