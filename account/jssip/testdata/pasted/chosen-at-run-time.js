
const ua = new JsSIP.UA({ uri: isDev ? 'sip:bob@example.com' : 'sip:alice@example.com', ws_servers: 'wss://ws.example.com:8443/sip' });
