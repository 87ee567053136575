enum Hosts { Main = 'wss://ws.example.com:8443/sip', Spare = 'wss://b' }
const ua = new UA({ uri: 'sip:alice@example.com', sockets: [new WebSocketInterface(Hosts.Main)] });
