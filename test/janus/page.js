// The page under test: what a browser does with the SIP plugin of a Janus, which speaks SIP and RTP in its place. There is
// a tone generator for a microphone, and instruments on what is heard. The driver calls the functions of window.peer,
// which are those of the page with JsSIP as far as Janus can do them.
const instruments = require('../jssip/instruments');

// session is the call that was made or came in last; sessions are all, by the order they came. A call is a handle of the
// plugin; handles are what there is for calls: the first one is registered, the others help it with further calls.
const peer = { session: null, sessions: [], incoming: null, ctx: null, gain: null };
window.peer = peer;
const tell = (event, detail = {}) => window.tell(JSON.stringify({ event, at: performance.timeOrigin + performance.now(), ...detail }));
const { microphone, hear } = instruments(peer, tell);

const handles = [];
const waiting = new Map(); // questions without an answer, by their transactions
let socket, janusSession, transactions = 0;

const send = (message) => new Promise((resolve, reject) => {
  const transaction = String(transactions += 1);
  waiting.set(transaction, { resolve, reject });
  socket.send(JSON.stringify({ ...message, transaction, ...(janusSession ? { session_id: janusSession } : {}) }));
});
const ask = (handle, body, jsep) => send({ janus: 'message', handle_id: handle.id, body, ...(jsep ? { jsep } : {}) });

function hears(message) {
  const asked = waiting.get(message.transaction);
  if (asked && ['success', 'ack', 'error'].includes(message.janus)) {
    waiting.delete(message.transaction);
    if (message.janus === 'error') asked.reject(new Error(message.error.reason)); else asked.resolve(message.data);
    return;
  }
  const handle = handles.find((h) => h.id === message.sender);
  if (message.janus !== 'event' || !handle) return;
  const { data } = message.plugindata;
  if (data.error) { tell('pluginError', { error: data.error }); return; }
  const happens = events[data.result.event];
  // One after the other: what comes next may need what this one waits for.
  if (happens) handle.turn = handle.turn.then(() => happens(handle, data.result, message.jsep, data.call_id)).catch((e) => tell('pluginError', { error: String(e) }));
}

async function attach() {
  const { id } = await send({ janus: 'attach', plugin: 'janus.plugin.sip' });
  const handle = { id, turn: Promise.resolve() };
  handles.push(handle);
  return handle;
}

peer.register = async ({ uri, password, options }) => {
  socket = new WebSocket(options.janus, 'janus-protocol');
  socket.onmessage = (e) => hears(JSON.parse(e.data));
  await new Promise((r, no) => { socket.onopen = r; socket.onerror = no; });
  janusSession = (await send({ janus: 'create' })).id;
  setInterval(() => send({ janus: 'keepalive' }), 20000);
  peer.address = uri;
  await ask(await attach(), { request: 'register', username: uri, secret: password, proxy: options.proxy, outbound_proxy: options.proxy, force_tcp: true });
};

const events = {
  registering: () => {},
  registration_failed: (_, result) => tell('registrationFailed', { cause: `${result.code} ${result.reason}` }),
  // A helper is registered with the first handle, and takes a second call.
  registered: async (handle, result) => {
    if (result.helper) { tell('registered'); return; }
    const helper = await attach();
    await ask(helper, { request: 'register', type: 'helper', username: peer.address, master_id: result.master_id });
  },
  incomingcall: (handle, result, jsep, call) => {
    begin(handle);
    Object.assign(handle, { offer: jsep, call, other: result.username });
    peer.incoming = handle;
    if (!result.replaces) { tell('incoming', { from: result.username, name: result.displayname }); return undefined; }
    // RFC 3891: it takes the place of a call that is up, and rings nobody.
    tell('replaces');
    handle.replaces = handles.find((h) => h !== handle && h.call === result.replaces);
    return peer.answer({ hz: peer.hz });
  },
  calling: (handle, result, jsep, call) => { handle.call = call; },
  progress: (handle, result, jsep) => answered(handle, jsep),
  accepted: async (handle, result, jsep) => {
    await answered(handle, jsep);
    tell(handle.up ? 'renegotiated' : 'confirmed');
    handle.up = true;
    if (handle.replaces) await ask(handle.replaces, { request: 'hangup' });
  },
  updated: async (handle, result, jsep) => {
    await answered(handle, jsep);
    tell('renegotiated');
  },
  hangup: (handle, result) => {
    if (!handle.connection) return;
    handle.connection.close();
    Object.assign(handle, { connection: null, call: null });
    tell(handle.up ? 'ended' : 'failed', { cause: `${result.code} ${result.reason}` });
    handle.up = false;
  },
  transfer: async (handle, result) => {
    tell('refer', { target: result.refer_to });
    const free = handles.find((h) => !h.connection);
    await call(free, { uri: result.refer_to, refer_id: result.refer_id });
  },
  notify: (handle, result) => {
    const status = /^SIP\/2.0 (\d+)/.exec(result.content || '');
    if (status && status[1][0] === '2') tell('referAccepted');
    if (status && status[1] >= '300') tell('referFailed', { status: Number(status[1]) });
  },
};

async function answered(handle, jsep) {
  if (jsep && handle.connection.signalingState === 'have-local-offer') await handle.connection.setRemoteDescription(jsep);
}

// begin has a handle carry a call.
function begin(handle) {
  handle.connection = new RTCPeerConnection({ iceServers: [] });
  handle.connection.addEventListener('track', (e) => hear(e.streams[0] || new MediaStream([e.track])));
  Object.assign(handle, { up: false, replaces: null, call: null });
  peer.session = handle;
  peer.sessions.push(handle);
}

function speak(handle) {
  microphone(peer.hz).getTracks().forEach((track) => handle.connection.addTrack(track));
}

// described sets a description of ours, and returns it when all candidates are in it.
async function described(handle, description) {
  const { connection } = handle;
  await connection.setLocalDescription(description);
  while (connection.iceGatheringState !== 'complete') await new Promise((r) => { setTimeout(r, 10); });
  return { type: connection.localDescription.type, sdp: connection.localDescription.sdp };
}

async function call(handle, target) {
  begin(handle);
  handle.other = target.uri;
  speak(handle);
  await ask(handle, { request: 'call', ...target }, await described(handle, await handle.connection.createOffer()));
}

peer.call = ({ target, hz }) => {
  peer.hz = hz;
  return call(handles.find((h) => !h.connection), { uri: target });
};
peer.answer = async ({ hz }) => {
  peer.hz = hz;
  const handle = peer.incoming;
  if (handle.offer) await handle.connection.setRemoteDescription(handle.offer);
  speak(handle);
  const own = await (handle.offer ? handle.connection.createAnswer() : handle.connection.createOffer());
  await ask(handle, { request: 'accept' }, await described(handle, own));
};
peer.hangup = () => ask(peer.session, { request: 'hangup' });
peer.leave = () => (peer.session.connection ? peer.hangup() : undefined);
peer.select = ({ index }) => { peer.session = peer.sessions[index]; };

function silence(handle, on) {
  handle.connection.getSenders().forEach((s) => { if (s.track) s.track.enabled = !on; });
}
peer.hold = async () => {
  silence(peer.session, true);
  await ask(peer.session, { request: 'hold' });
  return true;
};
peer.unhold = async () => {
  silence(peer.session, false);
  await ask(peer.session, { request: 'unhold' });
  return true;
};
peer.renegotiate = async ({ iceRestart }) => {
  const offer = await peer.session.connection.createOffer({ iceRestart: !!iceRestart });
  await ask(peer.session, { request: 'update' }, await described(peer.session, offer));
  return true;
};
// refer transfers the present call to target, or to the far end of another call of this phone.
peer.refer = ({ target, index }) => ask(peer.session, {
  request: 'transfer', ...(index === undefined ? { uri: target } : { uri: peer.sessions[index].other, replace: peer.sessions[index].call }),
});
peer.dtmf = ({ tones }) => {
  peer.session.connection.getSenders()[0].dtmf.insertDTMF(tones, 160, 120);
  return true;
};
peer.stop = () => socket.close();
