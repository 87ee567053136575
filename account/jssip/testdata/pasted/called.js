
function connect(user, password, host = 'ws.example.com') {
  const ua = new JsSIP.UA({ uri: `sip:${user}@example.com`, password, sockets: [new JsSIP.WebSocketInterface(`wss://${host}:${8000 + 443}/sip`)] });
  ua.start();
}
document.addEventListener('load', () => connect('alice', 'secret'));
