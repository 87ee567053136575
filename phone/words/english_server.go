package words

// englishServer is what is told of the way to a server, of connecting and registering, and of the checks of these.
const englishServer = `
# Stands for what to do where nobody tries again by itself.
[stopped]
do    Try again. If it lasts, ask your provider.

# How an account stands, in short.
[off]
short Off
[signing-off]
short Signing off
[connecting]
short Connecting
[reconnecting-account]
short Reconnecting
[waiting-for-password]
short Waiting for the password
[registering]
short Registering
[registered]
short Registered
[connected]
short Connected
[not-registered]
title The registration did not succeed.
why   {system}
do    We keep trying.
short Not registered
[call-goes-on]
title The call goes on. Reconnecting to the phone server…
why   {because.title}
short Reconnecting

# Servers of an account, each in a row of its own.
[server-connected]
short connected
[server-connected/after]
short connected · {after}
[server-failed]
short failed
[server-failed/because]
short {because.small}
[server-standby]
short standby
[server-standby/because]
short standby · last: {because.small}

# Devices that are registered for an address.
[this-device]
short this device
[this-device/after]
short this device · for {rounded}
[another-device]
short another device
[another-device/after]
short another device · for {rounded}

# Connecting and registering.
[password-needed]
title A password is needed for {account}.
why   The server asks for one and none is stored.
do    Enter the password.
short Password needed
[wrong-setting]
title The setting {parameter} cannot be used: it {reason}.
do    Correct the account.
short Wrong setting
[account-unusable]
title The account {account} cannot be used.
why   {system}
do    Correct the account.
short Wrong setting
[register-no-answer]
title Connected, but the server does not answer our registration ({after}).
why   It may be overloaded, or expect another domain than {domain}.
do    We keep trying. If it lasts, check the address.
short No answer
[connection-lost]
title The connection to the server was lost.
do    We connect again by ourselves.
short Connection lost
[connection-lost/server]
title The connection to {host} was lost.
[preferred-server-back]
title The preferred server can be reached again.
short Preferred server is back
[registration-too-brief]
title The server keeps the registration for only {after} at a time.
why   It is renewed every 30 s, not more often, so calls may not reach you in between.
do    Ask your provider to keep registrations for a minute or longer.
short Kept too briefly
[registration-not-kept]
title The server accepted the registration but did not keep it.
why   Your provider may allow only so many phones at once.
do    Unregister another phone, or ask your provider.
short Not kept
[wrong-password]
title The server rejected the user name or password for {account}{at}.
why   We stopped trying, so that your account is not locked.
do    Enter the password again.
short Wrong password
[foreign-realm]
title The server asked for the password of somebody else.
why   Your password was not sent: the question came in the name of another service than before.
do    Ask your provider whether the service has changed.
short Untrusted server
[challenge-too-long]
title The server asks for the password in more words than Calla takes.
why   Calls would become too large to be sent. Your password was not sent.
do    Ask your provider.
short Log-in too long
[weaker-login]
title The server asks for the password in a weaker way than before.
why   Somebody may have come between. Your password was not sent.
do    Allow it only if your provider says that the service has changed.
short Weaker log-in
[unknown-login]
title The server wants a kind of log-in that Calla does not have.
why   Calla speaks Digest with MD5, SHA-256 and SHA-512-256.
do    Ask your provider.
short Unknown log-in
[unknown-user]
title {domain} does not know the user {user}.
why   The address may be misspelt, or the user has been removed.
do    Check the address.
short Unknown user
[server-trouble]
title The phone server has a problem of its own ({status}).
do    We try again by ourselves.
short Server trouble
[server-trouble/after]
why   It asks us to wait {after}.
[server-moved]
title The server sends us to another server ({status}).
why   Calla does not take your password to a server that you did not enter.
do    Ask your provider for the new WebSocket address.
short Moved
[registration-refused]
title The server refused the registration ({status}).
why   {text}
do    Check the account, or ask your provider.
short Refused
[connection-cut]
title The connection was cut by the server or a proxy (code {code}).
do    We connect again by ourselves.
short Connection cut
[connection-cut/1001]
title The server is being restarted.
short Server restarts
[connection-cut/1012]
title The server is being restarted.
short Server restarts
[connection-cut/1006]
why   Proxies do this after a time of silence, networks when they change.
[connection-cut/1008]
why   The server says that a rule of its own was broken. It may allow only so many connections.
[connection-cut/1013]
why   The server is overloaded.
[connection-cut/1015]
why   The server's certificate is the likely reason.

# The way to a server: its name, the proxy, TCP, TLS, and the WebSocket handshake.
[offline]
title This computer seems to be offline.
do    We connect by ourselves when the network is back.
short Offline
[server-not-found]
title Can't find the server {host}.
why   The name does not exist.
do    Check the spelling of the WebSocket address.
short Server not found
[file-unusable]
title The file {file} of this account cannot be used.
why   {system}
do    Check the file, or take it out of the account.
short File cannot be used
[proxy-unreachable]
title No connection to the proxy {proxy}.
why   {system}
do    Check the proxy of the account, or of this computer.
short No way through the proxy
[proxy-wants-password]
title The proxy {proxy} wants a user name and password.
do    Enter them in the account.
short Proxy wants a password
[proxy-refused]
title The proxy {proxy} does not let us through ({http}).
do    Ask who runs it, or use an address with port 443.
short No way through the proxy
[nothing-listens]
title {host} answered, but nothing is listening on port {port}.
why   The port may be wrong or the phone server is down.
do    Check the port.
short Nothing listens
[server-no-answer]
title No answer from {host}:{port} in {after}.
why   A firewall may block this port; many networks only allow 443.
do    Ask your provider for an address with port 443.
short No answer
[no-connection]
title No connection to {host}:{port}.
why   {system}
do    We keep trying.
short No connection
[certificate-weak]
title The server's certificate is too weak: a key of {bits} bits can be broken.
why   Your password was not sent.
do    Tell your provider: RSA keys of 2048 bits are the least today.
short Weak certificate
[certificate-not-yet-valid]
title The server's certificate is not valid before {date}.
why   Your password was not sent.
do    Check this computer's date and time.
short Bad certificate
[certificate-expired]
title The server's certificate expired on {date}.
why   Your password was not sent.
do    Tell your provider. If it is newer, check this computer's date.
short Certificate expired
[certificate-untrusted]
title The certificate of {host} is not issued by anyone this computer trusts.
why   Your password was not sent.
do    Tell your provider, or add its certificate authority to the account.
short Bad certificate
[certificate-of-another]
title The server's certificate is for {names}, not {host}.
why   Your password was not sent.
do    Check the server's name in the WebSocket address.
short Bad certificate
[server-not-encrypted]
title The server does not encrypt on port {port}.
why   Your password was not sent.
do    Check the port. ws: works there, but whoever is on the way can read who calls whom.
short No encryption
[client-certificate-wanted]
title {host} wants a certificate of this phone that it trusts.
do    Enter the client certificate that your provider gave you.
short Wants a certificate
[encryption-too-old]
title The server only offers an encryption that is no longer safe (older than TLS 1.2).
why   Your password was not sent.
do    Tell your provider.
short Old encryption
[tls-no-answer]
title {host} took the connection but does not answer the encryption handshake.
why   Your password was not sent.
do    We keep trying. Check the port if it lasts.
short No answer
[tls-failed]
title The encrypted connection to {host} could not be made.
why   {system} Your password was not sent.
do    Tell your provider.
short Bad certificate
[websocket-refused]
title The server refused the WebSocket connection ({number}).
why   It may accept only certain origins or IP addresses.
do    Ask your provider.
short Refused by server
[server-encrypts]
title The server encrypts on port {port}, and ws: does not.
why   The address begins with ws: where it should be wss:.
do    Use wss:.
short Use wss:
[something-else-answered]
title Something else answered in the place of the phone service ({http}).
why   This network may want you to sign in first, or {path} is a web page.
do    Open a web page to sign in to the network; else check the path of the WebSocket address.
short Sign in to network?
[unoffered-extension]
title The server {host} answers with a WebSocket extension that this phone did not offer.
why   Messages in a form that was not agreed on are not taken.
do    Tell your provider: its answer has a Sec-WebSocket-Extensions that nobody asked for.
short Wrong answer
[answers-too-much]
title What listens at {host}:{port} answers far more than a phone server does.
why   We stopped reading.
do    Check port and path of the WebSocket address.
short Not a phone server
[web-server-trouble]
title The web server in front of the phone service has a problem ({http}).
do    We try again by ourselves.
short Server trouble
[wrong-path]
title The server is a web server, but there is no phone service at {path} ({http}).
why   Common paths are /ws, / and /asterisk/ws.
do    Check the path of the WebSocket address.
short Wrong path
[websocket-no-answer]
title {host} took the connection but does not answer.
why   The server may be frozen, or another service listens on port {port}.
do    We keep trying. Check the port if it lasts.
short No answer
[not-a-websocket]
title What listens at {host}:{port} is not a WebSocket server.
why   {system}
do    Check port and path; wss: and ws: differ.
short Not a phone server
[no-sip-subprotocol]
title Connected, but the server does not speak SIP on this WebSocket (no 'sip' sub-protocol).
why   The address may be of another service, or a proxy drops the header Sec-WebSocket-Protocol.
do    Check the path of the WebSocket address.
short Not a phone server

# STUN and TURN servers.
[ice-server-not-found]
title Can't find the server of {server}.
why   The name does not exist, or this computer is offline.
do    Check the spelling. Calls may work without it, but not through every firewall.
short Server not found
[turn-refused]
title The TURN server {server} rejected its user name or credential.
do    Check the TURN server's user name and credential.
short TURN refused
[turn-quota]
title The TURN server {server} gives this user no further relay.
why   As many calls as it allows are up, or it still keeps relays of earlier ones.
do    End another call, or tell your provider.
short TURN quota used up
[turn-full]
title The TURN server {server} is full.
do    Try again later, or tell your provider.
short TURN is full
[turn-error]
title The TURN server {server} gives no relay: {status}.
do    Tell your provider.
short TURN refused
[ice-not-trusted]
title The certificate of {server} is not issued by anyone this computer trusts.
do    Tell your provider, or add its certificate authority to the account.
short Bad certificate
[ice-of-another]
title The certificate of {server} is for {names}.
do    Check the server's name in the account.
short Bad certificate
[ice-expired]
title The certificate of {server} is not valid: its time was, or will be, until {date}.
do    Tell your provider. If it is newer, check this computer's date.
short Bad certificate
[ice-not-encrypted]
title {server} does not encrypt there.
do    Check the port; turn: and turns: differ.
short No encryption
[ice-no-answer]
title No answer from {server} in {after}.
why   A firewall may block UDP, or the server is down.
do    Calls may work without it, but not through every firewall.
short No answer
[ice-unusable]
title {server} cannot be used.
why   {system}
do    Calls may work without it, but not through every firewall.
short Not usable

# What the checks find where all is well, and why they leave out what they do.
[complete]
short complete
[addresses]
short {list}
[certificate-good]
short {text}
[certificate-good/at]
short {text}, certificate valid until {date}
[switched-protocols]
short 101 Switching Protocols
[agreed-on-sip]
short sub-protocol sip
[registered-for]
short registered, for {after} at a time
[seen-as]
short seen as {address}
[relays-from]
short relays from {address}
[no-name-to-look-up]
short an address, no name
[without-encryption]
short not encrypted (ws:)
[does-not-register]
short this account does not register

# What is checked.
[check-settings]
short Settings
[check-name]
short Name
[check-connection]
short Connection
[check-encryption]
short Encryption
[check-websocket]
short WebSocket
[check-sip]
short SIP
[check-registration]
short Registration
[check-stun]
short STUN
[check-turn]
short TURN
`
