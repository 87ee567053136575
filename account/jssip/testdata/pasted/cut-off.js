
  ua.on('connected', function(e){ console.log('up') });
});
var configuration = {
  uri: 'sip:alice@example.com',
  password: 'secret',
  ws_servers: 'wss://ws.example.com:8443/sip',
  log: {
