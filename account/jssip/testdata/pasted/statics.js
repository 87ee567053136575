class Config { static uri = 'sip:alice@example.com'; static servers = ['wss://ws.example.com:8443/sip']; static get password() { return 'secret'; } }
const ua = new JsSIP.UA({ uri: Config.uri, password: Config.password, ws_servers: Config.servers });
