
import EmberService from '@ember/service';
export default class PhoneService extends EmberService {
  ws = new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip');
  config = { uri: 'sip:alice@example.com', password: 'secret', sockets: [this.ws] };
  @tracked agent = null;
  connect = () => { this.agent = new JsSIP.UA(this.config); };
}
