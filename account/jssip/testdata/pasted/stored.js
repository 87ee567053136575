const saved = JSON.parse(localStorage.getItem('sip') || '{"uri":"sip:alice@example.com","ws_servers":"wss://ws.example.com:8443/sip"}'); new JsSIP.UA(saved);
