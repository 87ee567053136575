// Times JsSIP with messages: `node message.js parse|write FILE` prints the nanoseconds of reading the message in FILE,
// or of writing one like it; the median of nine runs.
const fs = require('fs');
const Parser = require('jssip/lib/Parser');
const { InitialOutgoingInviteRequest } = require('jssip/lib/SIPMessage');
const JsSIP = require('jssip');

const [what, file] = process.argv.slice(2);
const data = fs.readFileSync(file, 'utf8');
const ua = {
  configuration: { uri: JsSIP.URI.parse('sip:alice@example.test'), display_name: 'Alice Liddell', jssip_id: 'kdl3q', session_timers: true, extra_headers: [] },
  transport: null, contact: { pub_gruu: 'x' },
};

function once() {
  if (what === 'parse') return Parser.parseMessage(data, ua);
  return request.toString();
}

const body = data.slice(data.indexOf('\r\n\r\n') + 4);
const request = new InitialOutgoingInviteRequest(JsSIP.URI.parse('sip:bob@example.test'), ua,
  { route_set: ['<sip:proxy.example.test:8443;transport=ws;lr>'] },
  ['Contact: <sip:alice@example.test;gr=urn:uuid:f81d4fae-7ae4-4dec-8a11-90a0c91e6bf6;ob>', 'Content-Type: application/sdp', 'Session-Expires: 90'], body);

if (what === 'write' && once().length < data.length * 0.9) throw new Error('not the same message:\n' + once());

const runs = [];
for (let r = 0; r < 10; r++) {
  const n = what === 'parse' ? 400 : 20000;
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) {
    if (!once()) throw new Error('nothing came of it');
  }
  if (r > 0) runs.push(Number(process.hrtime.bigint() - start) / n); // the first run warms up
}
console.log(Math.round(runs.sort((a, b) => a - b)[4]));
