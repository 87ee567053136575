
const cfg = <UAConfiguration>{ uri: 'sip:alice@example.com', password: 'secret', ws_servers: <string[]>['wss://ws.example.com:8443/sip'] };
let ua: UA = new UA(<any>cfg);
