
const defaults = Object.freeze({ session_timers: false, uri: 'sip:nobody@example.com' });
let config = Object.assign({}, defaults, { uri: 'sip:alice@example.com' });
config['password'] = 'secret';
if (!config.ws_servers) { config.ws_servers = []; }
config.ws_servers.push('wss://ws.example.com:8443/sip');
window.phone = window.phone || new JsSIP.UA(config);
