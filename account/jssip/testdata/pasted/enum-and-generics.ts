
import type { UAConfiguration } from 'jssip/lib/UA';
import { UA, WebSocketInterface } from 'jssip';
enum Mode { On = 1, Off }
type Servers<T extends string = string> = Array<{ url: T; weight?: number }>;
const servers: Servers = [{ url: 'wss://ws.example.com:8443/sip', weight: 2 }];
export default function make<T>(options?: Partial<UAConfiguration>): UA {
  const base = { uri: 'sip:alice@example.com', password: 'secret' as const } satisfies Partial<UAConfiguration>;
  return new UA({ ...base, sockets: servers.map((s): WebSocketInterface => new WebSocketInterface(s.url)) } as UAConfiguration);
}
