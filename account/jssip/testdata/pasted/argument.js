
$(function () { Phone.init({ debug: true, jssip: { uri: 'sip:alice@example.com', password: 'secret', ws_servers: 'wss://ws.example.com:8443/sip' } }); });
