new JsSIP.UA({ "\u0075ri": 'sip:\x61lice@example.com', ws_servers: 'wss:\/\/ws.example.com:8443\/sip', display_name: 'Älice 😀' });
