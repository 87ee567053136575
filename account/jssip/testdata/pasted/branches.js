var server;
if (window.location.protocol == 'https:') { server = 'wss://ws.example.com:8443/sip'; } else { server = 'ws://ws.example.com:8080/sip'; }
var ua = new JsSIP.UA({ uri: 'sip:alice@example.com', ws_servers: server });
