export const make = () => new JsSIP.UA({ uri: URI, ws_servers: [WS] }); const URI = 'sip:alice@example.com'; const WS = 'wss://ws.example.com:8443/sip';
