
export class Phone {
  static readonly URL: string = 'wss://ws.example.com:8443/sip';
  #user!: string;
  constructor(private readonly http: HttpClient, private config: UAConfiguration = { uri: 'sip:alice@example.com', password: "secret", sockets: [new JsSIP.WebSocketInterface('wss://ws.example.com:8443/sip')] }) {}
  public async connect(retries = 3): Promise<void> { this.ua = new JsSIP.UA(this.config); await this.ua!.start(); }
}
