
const { UA: Agent, WebSocketInterface: Wire } = require('jssip');
const wire = new Wire('wss://ws.example.com:8443/sip');
module.exports.agent = new Agent({ sockets: [{ socket: wire, weight: 10 }], uri: 'alice@example.com', password: 'secret' });
