
fetch('/api').then(r => r.json()).then(({ password }) => {
  const ua = new JsSIP.UA({ uri: 'sip:alice@example.com', password, sockets: new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip') });
}).catch(console.error);
