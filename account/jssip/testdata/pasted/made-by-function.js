
const makeConfig = ({ user, domain }) => ({ uri: 'sip:' + user + '@' + domain, password: 'secret', ws_servers: server(domain) });
function server(domain) { return ['wss:/', 'ws.' + domain + ':8443', 'sip'].join('/'); }
const ua = new JsSIP.UA(makeConfig({ user: 'alice', domain: 'example.com' }));
