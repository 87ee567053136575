config = { uri: 'sip:alice@example.com', ws_servers: ['wss://ws.example.com:8443/sip'], :register => true, password: nil }
