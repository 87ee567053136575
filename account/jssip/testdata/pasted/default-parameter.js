
export const start = async (config = { uri: 'sip:alice@example.com', password: 'secret', ws_servers: 'wss://ws.example.com:8443/sip' }) => { const ua = new JsSIP.UA(config); };
