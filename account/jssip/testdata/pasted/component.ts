@Component({ selector: 'app-phone', template: `<div *ngIf="ua">{{ status }}</div>` })
export class PhoneComponent implements OnInit, OnDestroy {
  private readonly cfg: UAConfiguration;
  constructor(private env: EnvService) {
    const socket = new JsSIP.WebSocketInterface(environment.wsUrl ?? 'wss://ws.example.com:8443/sip');
    this.cfg = { sockets: [socket], uri: 'sip:alice@example.com', password: this.env.get('pw') };
  }
  ngOnInit() { this.ua = new JsSIP.UA(this.cfg); }
}
