
try { var ua = new JsSIP.UA({ uri: 'sip:alice@example.com', password: 'secret', ws_servers: 'wss://ws.example.com:8443/sip' }); } catch (e) { alert(/[/'"]{/.test(e)); }
