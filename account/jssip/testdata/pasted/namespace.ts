
declare module 'jssip';
namespace App.Phone {
  export interface Options { uri: string; sockets: string[]; password?: string }
  export const options: Options = { uri: 'sip:alice@example.com', sockets: ['wss://ws.example.com:8443/sip'], password: 'secret' };
}
