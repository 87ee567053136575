
# settings of the phone
import os
JSSIP = dict(
    uri='sip:alice@example.com',
    password=os.environ.get('SIP_PASSWORD', 'secret'),
    ws_servers=['wss://ws.example.com:8443/sip'],
    register=True,
)
